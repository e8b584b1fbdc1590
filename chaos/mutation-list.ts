import type { Replacement } from "./checkout.js";

/** One deliberate defect. */
export interface Mutation {
  readonly name: string;
  readonly defect: string;
  readonly replacements: readonly Replacement[];
  /** The test that has to fail; without one the harness has to. */
  readonly test?: { readonly project: string; readonly file: string; readonly title: string };
}

const APPEND_NEWEST = "packages/server/src/db/migrations/0008-append-by-index.ts";
const INITIAL = "packages/server/src/db/migrations/0001-initial.ts";
const COMMITTER = "packages/server/src/messages/committer.ts";

/** The defects that the harness must find, each an exact piece of the source and what takes its place. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: "early-acknowledgement",
    defect: "a send is acknowledged before its commit is durable",
    replacements: [
      {
        file: "packages/server/src/db/database.ts",
        from: "      search_path: schemaName,\n",
        to: '      search_path: schemaName,\n      synchronous_commit: "off",\n',
      },
    ],
  },
  {
    name: "cut-over",
    defect: "the first live frame after a replay is dropped",
    replacements: [
      {
        file: "packages/server/src/socket/room-session.ts",
        from: "connection.release(head);",
        to: "connection.release(head + 1);",
      },
    ],
  },
  {
    name: "forgotten-client-id",
    defect: "a repeated `client_id` is not looked up, and the database does not refuse it",
    replacements: [
      {
        file: APPEND_NEWEST,
        from: "and m.client_id = i.client_id limit 1\n",
        to: "and m.client_id = i.client_id and false limit 1\n",
      },
      {
        file: INITIAL,
        from: "create unique index messages_client_id",
        to: "create index messages_client_id",
      },
    ],
  },
  {
    name: "reordered-batch",
    defect: "messages that arrived together are stored backwards",
    replacements: [{ file: COMMITTER, from: "appends.push(next);", to: "appends.unshift(next);" }],
  },
  {
    name: "unbounded-queue",
    defect: "a socket that does not read is never closed",
    replacements: [
      {
        file: "packages/server/src/socket/outbound.ts",
        from: "  giveUp(): void {\n    this.#owner.tooSlow();\n",
        to: "  giveUp(): void {\n",
      },
    ],
    test: {
      project: "server:embedded",
      file: "packages/server/test/bounds.test.ts",
      title: "who stops reading is closed with 4008",
    },
  },
  {
    name: "impatient-sender",
    defect: "the SDK forgets a message when it is sent, not when it is acknowledged",
    replacements: [
      {
        file: "packages/client/src/sender.ts",
        from: "transmit(message, signal, head.tries).catch(",
        to: "transmit(message, signal, head.tries).then(() => drop(message.client_id)).catch(",
      },
    ],
  },
  {
    name: "outbox-order",
    defect: "the SDK's outbox sends the newest message first",
    replacements: [
      {
        file: "packages/client/src/outbox.ts",
        from: "if (!isKnown) return [...list, message];",
        to: "if (!isKnown) return [message, ...list];",
      },
    ],
  },
  {
    name: "ignored-gap",
    defect: "the SDK goes on after a jump in the numbers",
    replacements: [
      {
        file: "packages/client/src/inbox.ts",
        from: "number === null || !(repair",
        to: "number === null || true || !(repair",
      },
    ],
  },
  {
    name: "stale-edit",
    defect: "the SDK keeps the older state of a message",
    replacements: [
      {
        file: "packages/client/src/draft.ts",
        from: "if (replaces && known.updated_seq >= message.updated_seq) return;",
        to: "if (replaces) return;",
      },
    ],
  },
];
