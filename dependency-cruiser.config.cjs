/** Which part may import which: docs/decisions/0002-import-directions.md says why. */
const features = "users|sessions|rooms|files|reading|messages|avatars|calls|direct";
const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    rule("no-cycles", "A cycle means that two files are one.", {}, { circular: true }),
    rule(
      "protocol-alone",
      "The contract imports no other package.",
      { path: "^packages/protocol/src" },
      { path: "^packages/(server|client|web)" },
    ),
    rule(
      "client-to-protocol",
      "The SDK runs anywhere: only the contract.",
      { path: "^packages/client/src" },
      { path: "^packages/(server|web)" },
    ),
    rule(
      "web-over-sdk",
      "The web client reaches the server over the wire.",
      { path: "^packages/web/src" },
      { path: "^packages/server" },
    ),
    rule(
      "server-not-clients",
      "The server knows no client.",
      { path: "^packages/server/src" },
      { path: "^packages/(client|web)" },
    ),
    rule(
      "domain-without-edge",
      "Services and stores know neither HTTP nor sockets.",
      { path: `^packages/server/src/(${features})/(?!routes)` },
      { path: "^packages/server/src/(http|socket)/" },
    ),
    rule(
      "store-is-private",
      "A feature is reached through its service, never its store.",
      { path: "^packages/server/src/([^/]+)/" },
      { path: `^packages/server/src/(${features})/store`, pathNot: "^packages/server/src/$1/" },
    ),
    rule(
      "users-first",
      "users <- sessions <- rooms <- messages.",
      { path: "^packages/server/src/users/" },
      { path: "^packages/server/src/(sessions|rooms|files|reading|messages|avatars|calls|direct)/" },
    ),
    rule(
      "sessions-second",
      "users <- sessions <- rooms <- messages.",
      { path: "^packages/server/src/sessions/" },
      { path: "^packages/server/src/(rooms|files|reading|messages|avatars|calls|direct)/" },
    ),
    rule(
      "rooms-third",
      "users <- sessions <- rooms <- messages.",
      { path: "^packages/server/src/rooms/" },
      { path: "^packages/server/src/(files|reading|messages|avatars|calls|direct)/" },
    ),
    rule(
      "files-and-reading-before-messages",
      "rooms <- files <- messages, rooms <- reading <- direct.",
      { path: "^packages/server/src/(files|reading)/" },
      { path: "^packages/server/src/(messages|avatars|calls|direct)/" },
    ),
    rule(
      "messages-before-direct-and-calls",
      "messages <- direct, messages <- calls.",
      { path: "^packages/server/src/messages/" },
      { path: "^packages/server/src/(direct|calls)/" },
    ),
    rule(
      "direct-beside-calls",
      "Neither knows the other.",
      { path: "^packages/server/src/(direct|calls)/" },
      { path: "^packages/server/src/(direct|calls)/", pathNot: "^packages/server/src/$1/" },
    ),
    rule(
      "chaos-outside",
      "The fault harness knows the server as its clients do: over the wire, and as a process.",
      { path: "^chaos" },
      { path: "^packages/(server|web)" },
    ),
    rule(
      "only-app-composes",
      "Only the composition root picks implementations.",
      { path: "^packages/server/src/(?!app\\.ts|main\\.ts)" },
      { path: "^packages/server/src/(app|main)\\.ts" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      conditionNames: ["source", "import", "types", "default"],
      exportsFields: ["exports"],
    },
  },
};
