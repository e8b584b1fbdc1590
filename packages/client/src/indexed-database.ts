/** A database that does not answer for so long (some browsers' hang for good) counts as none for a while. */
const ANSWER_WITHIN = 5_000;
const REST = 30_000;

/**
 * One step for each version, and each only adds: a page of an older version, open in another tab, goes on with the
 * newer database.
 */
export type DatabaseSteps = readonly ((database: IDBDatabase) => void)[];

/** Runs one transaction on one store; what `run` asks of it must follow without another wait between. */
export type Transact = <T>(
  store: string,
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => Promise<T>,
) => Promise<T>;

/** Makes the way to the database of that name. It is opened with the first transaction. */
export function createIndexedDatabase(name: string, steps: DatabaseSteps): Transact {
  let opened: Promise<IDBDatabase> | null = null;
  let isResting = false;

  function database(): Promise<IDBDatabase> {
    const opening = opened ?? open(name, steps);
    if (opening === opened) return opening;
    opened = opening;
    const forget = () => {
      if (opened === opening) opened = null;
    };
    opening.then((db) => {
      // The browser closed it (storage cleared, a newer version of the page): the next call opens it again.
      db.onclose = db.onversionchange = () => {
        db.close();
        forget();
      };
    }, forget);
    return opening;
  }

  async function attempt<T>(
    store: string,
    mode: IDBTransactionMode,
    run: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const transaction = (await database()).transaction(store, mode);
    const finished = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("The browser's storage refused."));
    });
    const [result] = await Promise.all([run(transaction.objectStore(store)), finished]);
    return result;
  }

  async function transact<T>(
    store: string,
    mode: IDBTransactionMode,
    run: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    if (isResting) throw new Error("The browser's storage does not answer.");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isResting = true;
        opened = null;
        setTimeout(() => {
          isResting = false;
        }, REST);
        reject(new Error("The browser's storage does not answer."));
      }, ANSWER_WITHIN);
    });
    try {
      return await Promise.race([attempt(store, mode, run), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return transact;
}

async function open(name: string, steps: DatabaseSteps): Promise<IDBDatabase> {
  if (typeof indexedDB === "undefined") throw new Error("This browser keeps no IndexedDB.");
  const request = indexedDB.open(name, steps.length);
  request.onupgradeneeded = ({ oldVersion }) => {
    for (const step of steps.slice(oldVersion)) step(request.result);
  };
  try {
    return await done(request);
  } catch (cause) {
    // A newer page of this site has been here. What it added does not matter to this one.
    if ((cause as { name?: unknown } | null)?.name === "VersionError")
      return await done(indexedDB.open(name));
    throw cause;
  }
}

/** The result of a request. */
export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
