/** Every key that the client keeps in localStorage. */
export const KEYS = {
  me: "parlor:me",
  theme: "parlor:theme",
  rooms: "parlor:rooms",
  people: "parlor:people",
  draft: (roomId: string) => `parlor:draft:${roomId}`,
  read: (roomId: string) => `parlor:read:${roomId}`,
} as const;

/** Reads a stored text; a storage that is shut reads as empty. */
export function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text, or forgets it when it is `null`. A full or shut storage loses it: nothing here is the only copy. */
export function save(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // See above.
  }
}

/** Reads a stored value, as far as `parse` accepts it. */
export function loadJson<T>(key: string, parse: (value: unknown) => T | null): T | null {
  const text = load(key);
  if (text === null) return null;
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Forgets everything that starts with a prefix. */
export function forget(prefix: string): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}
