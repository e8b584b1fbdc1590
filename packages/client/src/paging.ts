import type { Message } from "@parlor/protocol";
import type { Api, MessagePage, MessageQuery } from "./api.js";
import { isOtherEpoch, type RoomModel } from "./model.js";
import {
  applyNewerPage,
  applyOlderPage,
  applyWindow,
  beginPage,
  endPage,
  endsOfAround,
  goesOn,
} from "./window.js";

/** Moves the loaded part of a room's history. One page is under way at a time; further wishes wait in their order. */
export interface Paging {
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  jumpTo(seq: number): Promise<number | null>;
  jumpToDate(moment: Date): Promise<number | null>;
  jumpToLatest(): Promise<void>;
  /** A message in the middle of what is loaded. */
  middle(): number | null;
}

/** One of the two ends of the loaded part. */
interface End {
  /** Where it stands: the number from which, or below which, a page goes on. */
  edge(model: RoomModel): number;
  goesOn(model: RoomModel): boolean;
  query(edge: number): MessageQuery;
  apply(model: RoomModel, page: MessagePage, edge: number): RoomModel;
}

const OLDER: End = {
  edge: ({ messages }) => messages[0]?.seq ?? 0,
  goesOn: ({ hasOlder, messages }) => hasOlder && messages.length > 0,
  query: (before) => ({ before }),
  apply: (model, page, before) => applyOlderPage(model, { ...page, before }),
};

const NEWER: End = {
  edge: ({ messages }) => (messages.at(-1)?.seq ?? -1) + 1,
  goesOn: ({ hasNewer, messages }) => hasNewer && messages.length > 0,
  query: (from) => ({ from }),
  apply: (model, page, from) => applyNewerPage(model, { ...page, from }),
};

/** Makes the paging of a room. */
export function createPaging(options: {
  readonly api: Api;
  readonly roomId: string;
  /** Rows of a page. */
  readonly limit: number;
  readonly model: () => RoomModel;
  readonly request: (run: (signal: AbortSignal) => Promise<MessagePage>) => Promise<MessagePage>;
  /** Shows a state, with the messages of the page that made it. */
  readonly commit: (next: RoomModel, page: readonly Message[]) => void;
  /** Waits for the first page. */
  readonly ready: () => Promise<void>;
  /** The history is another one than the loaded part belongs to. */
  readonly onReset: () => void;
}): Paging {
  const { api, roomId, limit, model, request, commit, ready, onReset } = options;
  const running = new Map<"older" | "newer", Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();

  /** Asks for a page in its turn; `query` says then which one, or that none is needed. */
  function fetchPage<T>(
    query: () => MessageQuery | null,
    apply: (page: MessagePage) => { model: RoomModel; result: T },
    otherwise: () => T,
  ): Promise<T> {
    const run = async () => {
      if (!model().loaded) await ready();
      const wanted = query();
      if (wanted === null) return otherwise();
      commit(beginPage(model()), []);
      try {
        const page = await request((signal) => api.fetchMessages(roomId, { ...wanted, limit }, signal));
        if (isOtherEpoch(model(), page.epoch)) {
          onReset();
          return otherwise();
        }
        const { model: next, result } = apply(page);
        commit(next, page.messages);
        return result;
      } finally {
        commit(endPage(model()), []);
      }
    };
    const turn = last.then(run, run);
    last = turn.catch(() => {});
    return turn;
  }

  /** A wish that is repeated while it is under way is the same one. */
  function once(kind: "older" | "newer", start: () => Promise<void>): Promise<void> {
    const known = running.get(kind);
    if (known) return known;
    const turn = start().finally(() => running.delete(kind));
    running.set(kind, turn);
    return turn;
  }

  /**
   * Brings a page of messages more at one end, or all that there are. Pages are bounded by bytes too, so a short one is
   * no end. A jump in between has other messages in view: it ends this.
   */
  async function load(end: End): Promise<void> {
    for (let wanted = limit, edge = end.edge(model()); wanted > 0; edge = end.edge(model())) {
      const came = await fetchPage(
        () => (end.goesOn(model()) && end.edge(model()) === edge ? end.query(edge) : null),
        (page) => ({ model: end.apply(model(), page, edge), result: page.messages.length }),
        () => 0,
      );
      if (came === 0 || end.edge(model()) === edge) return;
      wanted -= came;
    }
  }

  const loadNewer = () => once("newer", () => load(NEWER));

  async function jumpTo(seq: number): Promise<number | null> {
    let isShort = false;
    const place = await fetchPage<number | null>(
      () => (model().messages.some((message) => message.seq === seq) ? null : { around: seq }),
      (page) => {
        const { messages } = page;
        const found = messages.find((message) => message.seq >= seq) ?? messages.at(-1);
        isShort = messages.filter((message) => message.seq >= seq).length < Math.ceil(limit / 2);
        const ends = endsOfAround(messages, seq);
        return { model: applyWindow(model(), { ...page, ...ends }), result: found?.seq ?? null };
      },
      () => seq,
    );
    // Most likely the live end is near. The jump itself is done whether that is known now or later.
    if (isShort) await loadNewer().catch(() => {});
    return place;
  }

  const nothing = () => undefined;

  return {
    loadOlder: () => once("older", () => load(OLDER)),
    loadNewer,
    jumpTo,
    async jumpToDate(moment) {
      const seq = await fetchPage<number | null>(
        () => ({ at: moment.toISOString() }),
        (page) => ({ model: model(), result: page.messages[0]?.seq ?? model().newestSeq }),
        () => null,
      );
      return seq === null ? null : await jumpTo(seq);
    },
    jumpToLatest: () =>
      fetchPage(
        () => (model().hasNewer ? {} : null),
        (page) => {
          const ends = { hasOlder: goesOn(page.messages), hasNewer: false };
          return { model: applyWindow(model(), { ...page, ...ends }), result: undefined };
        },
        nothing,
      ),
    middle() {
      const { messages } = model();
      return messages[Math.floor(messages.length / 2)]?.seq ?? null;
    },
  };
}
