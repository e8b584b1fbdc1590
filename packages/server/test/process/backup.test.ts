import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { plainPicture } from "../avatars-pictures.js";
import { type Answer, makeGuest, openSocket, request } from "../support/client.js";
import { startConversation, stateAt, wholeHistory } from "../support/conversation.js";
import { type Debian, debianPrograms, queryAt, startDebian } from "../support/debian.js";
import {
  buildServer,
  cleanUp,
  databaseProcesses,
  kill,
  preparedFolder,
  queryIn,
  removePrepared,
  runCommand,
  startCommand,
  startServer,
  temporaryFolder,
  until,
} from "../support/process.js";
import { numbersOf, range } from "../support/room.js";
import { uploadFile } from "../support/uploads.js";

let debian: Debian | undefined;

beforeAll(buildServer);
afterEach(async () => {
  await debian?.stop();
  debian = undefined;
  await cleanUp();
});
afterAll(removePrepared);

/** Where a server keeps its data: in its folder, or in a database of the machine's PostgreSQL. */
async function newPlace(
  kind: "embedded" | "external",
): Promise<{ dataDir: string; env: Record<string, string> }> {
  const dataDir = join(temporaryFolder(), "data");
  if (kind === "embedded") return { dataDir, env: { DATA_DIR: dataDir } };
  debian ??= await startDebian();
  return { dataDir, env: { DATA_DIR: dataDir, DATABASE_URL: await debian.create() } };
}

async function startAt(place: { dataDir: string; env: Record<string, string> }) {
  const process = startServer({ dataDir: place.dataDir, env: { ...place.env, RATE_LIMIT: "off" } });
  const url = await process.ready();
  const stop = async () => {
    process.child.kill("SIGTERM");
    expect((await process.ended()).code).toBe(0);
  };
  return { url, wsUrl: url.replace("http", "ws"), stop };
}

/** A data folder in which somebody has been, and its backup. */
async function usedFolder(rows = 0): Promise<{ dataDir: string; backup: string }> {
  const dataDir = await preparedFolder();
  const server = await startAt({ dataDir, env: {} });
  await makeGuest(server, "ann");
  if (rows > 0) {
    await queryIn(
      dataDir,
      `insert into parlor.users (id, username, shown_name, shown_key, profile_rev, bio)
        select 'u' || n, 'u' || n, 'u' || n, 'u' || n, n, repeat('long ', 100) from generate_series(1, ${rows}) n`,
    );
  }
  await server.stop();
  const backup = join(temporaryFolder(), "backup.tar.gz");
  const made = await runCommand("backup", [backup], { DATA_DIR: dataDir });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  return { dataDir, backup };
}

async function refusal(
  name: "backup" | "restore",
  args: string[],
  env: Record<string, string>,
): Promise<string> {
  const { code, stderr } = await runCommand(name, args, env);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^parlor: [^\n]+\n$/);
  return stderr;
}

const usersIn = async (dataDir: string) =>
  (await queryIn(dataDir, "select count(*)::int as count from parlor.users"))[0]?.count;

describe.each([
  ["embedded", "embedded"],
  ["embedded", "external"],
  ["external", "embedded"],
  ["external", "external"],
] as const)("from %s to %s", (from, to) => {
  const skipped = debianPrograms === undefined && (from === "external" || to === "external");

  test.skipIf(skipped)("[OPS15] a backup in the middle of a conversation is restored whole", async () => {
    const source = await newPlace(from);
    const server = await startAt(source);
    const talk = await startConversation(server);
    const [ann] = talk.people;
    if (ann === undefined) throw new Error("nobody is there");
    const body = new FormData();
    body.set("file", new Blob([new Uint8Array(await plainPicture("png"))], { type: "image/png" }), "me.png");
    expect((await ann.request("PUT", `/users/${ann.id}/avatar`, { body })).status).toBe(200);
    const [place = ""] = talk.rooms;
    const note = await uploadFile(ann, place, { name: "note.txt", bytes: Buffer.from("kept") });
    const sent = { body: { user_id: ann.id, content: "", attachments: [note.id] } };
    expect((await ann.request("POST", `/rooms/${place}/messages`, sent)).status).toBe(200);
    await until("they have talked for a while", () => talk.acknowledged.length > 100);

    const before = [...talk.acknowledged];
    const backup = join(temporaryFolder(), "backup.tar.gz");
    expect(await runCommand("backup", [backup], source.env)).toMatchObject({ code: 0, stderr: "" });
    const during = talk.acknowledged.length;
    await until("they have gone on", () => talk.acknowledged.length > during + 30);
    await talk.stop();
    const later = await Promise.all(talk.rooms.map((room) => wholeHistory(server, room)));
    await server.stop();

    const target = await newPlace(to);
    expect(await runCommand("restore", [backup], target.env)).toMatchObject({ code: 0, stderr: "" });
    const restored = await startAt(target);
    expect((await request(restored, "GET", `/files/${note.id}/note.txt`)).text).toBe("kept");
    for (const [index, room] of talk.rooms.entries()) {
      const log = talk.logOf(room);
      expect(numbersOf(log)).toEqual(range(1, later[index]?.head ?? 0));
      const { states, messages, head } = await wholeHistory(restored, room);
      expect(states).toEqual(stateAt(log, head));
      expect(new Set(messages.map(({ seq }) => seq)).size).toBe(messages.length);
      const kept = new Map(messages.map(({ id, seq }) => [id, seq]));
      for (const message of before.filter((one) => one.room === room))
        expect(kept.get(message.id)).toBe(message.seq);
      await expectFreshOpening(restored, room, ann, later[index]);
    }
    const { json: user }: Answer = await request(restored, "GET", `/users/${ann.id}`);
    const picture = await fetch(user.avatar_urls.large);
    expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/webp"]);
    await restored.stop();
  });
});

/** A client with a cursor of the lost time is told to open fresh, over both transports, and goes on from there. */
async function expectFreshOpening(
  server: { url: string; wsUrl: string },
  room: string,
  person: { id: string; cookie: string | null },
  later: { head: number; epoch: string } | undefined,
): Promise<void> {
  const query = { after: later?.head ?? 0, epoch: later?.epoch ?? "" };
  const path = `/rooms/${room}/messages?after=${query.after}&epoch=${query.epoch}`;
  const asked = await request(server, "GET", path, { cookie: person.cookie });
  expect([asked.status, asked.json.code]).toEqual([409, "cursor_reset"]);
  const { cookie } = person;
  const stale = await openSocket(server, room, person.id, { cookie, query });
  expect((await stale.next("welcome")).reset).toBe(true);
  await stale.close();
  const { head, epoch } = await wholeHistory(server, room);
  const fresh = await openSocket(server, room, person.id, { cookie, query: { after: head, epoch } });
  expect((await fresh.next("welcome")).reset).toBe(false);
  await fresh.next("synced");
  fresh.send({ content: "and on it goes", client_id: "after-restore" });
  expect((await fresh.next("message", (frame) => frame.client_id === "after-restore")).seq).toBe(head + 1);
  await fresh.close();
}

test("[OPS15] profiles get revisions that no client has seen, and sessions go on", async () => {
  const { dataDir, backup } = await usedFolder();
  const target = join(temporaryFolder(), "data");
  expect((await runCommand("restore", [backup], { DATA_DIR: target })).code).toBe(0);
  for (const folder of [dataDir, target]) await startAt({ dataDir: folder, env: {} });
  const query = "select id, profile_rev::float8 as rev from parlor.users";
  const [[before], [after]] = await Promise.all([queryIn(dataDir, query), queryIn(target, query)]);
  expect(after?.id).toBe(before?.id);
  expect(after?.rev).toBe(before?.rev + 2 ** 32);
  expect(await queryIn(target, "select secret_hash from parlor.device_secrets")).toEqual(
    await queryIn(dataDir, "select secret_hash from parlor.device_secrets"),
  );
});

test("[OPS16] a backup is a file for its owner alone, which tar and sha256sum can check", async () => {
  const { dataDir, backup } = await usedFolder();
  expect(databaseProcesses(dataDir)).toEqual([]);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  const folder = temporaryFolder();
  expect(spawnSync("tar", ["xzf", backup, "-C", folder]).status).toBe(0);
  expect(spawnSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: folder }).status).toBe(0);
  expect(readFileSync(join(folder, "tables/users.000001.ndjson"), "utf8")).toContain('"username":"ann"');
  expect(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"))).toMatchObject({ format: 1 });
});

test("[OPS16] without a name it gets one with the time, and an existing file is left alone", async () => {
  const { dataDir, backup } = await usedFolder();
  const { stdout } = await runCommand("backup", [], { DATA_DIR: dataDir });
  const [name] = readdirSync(join(dataDir, "backups"));
  expect(name).toMatch(/^parlor-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.tar\.gz$/);
  expect(stdout).toContain(`${dataDir}/backups/${name}`);
  const content = readFileSync(backup);
  expect(await refusal("backup", [backup], { DATA_DIR: dataDir })).toContain("is already there");
  expect(readFileSync(backup)).toEqual(content);
});

test("[OPS16] a backup that is interrupted or killed leaves no file that looks complete", async () => {
  const { dataDir } = await usedFolder(40_000);
  for (const [signal, code] of [["SIGTERM", 143] as const, ["SIGKILL", "SIGKILL"] as const]) {
    const folder = temporaryFolder();
    const command = startCommand("backup", [`${folder}/`], { DATA_DIR: dataDir });
    await until("it has begun to write", () => readdirSync(folder).length > 0);
    command.child.kill(signal);
    expect((await command.ended()).code).toBe(code);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tar.gz"))).toEqual([]);
    if (signal === "SIGTERM") expect(readdirSync(folder)).toEqual([]);
  }
});

test("[OPS16] where there is nothing to back up one line says so, and nothing is made", async () => {
  const dataDir = temporaryFolder();
  expect(await refusal("backup", [], { DATA_DIR: dataDir })).toContain("there is no database in");
  expect(await runCommand("backup", ["a", "b"], { DATA_DIR: dataDir })).toMatchObject({ code: 2 });
  expect(readdirSync(dataDir).filter((name) => name !== "backups")).toEqual([]);
});

test("[OPS17] a backup that is cut off, changed, or of a newer form is refused before anything is touched", async () => {
  const { backup } = await usedFolder();
  const whole = readFileSync(backup);
  const tar = gunzipSync(whole);
  const at = tar.indexOf('"username":"ann"');
  const changed = Buffer.from(tar);
  changed.write('"username":"eve"', at);
  const form = Buffer.from(tar);
  form.write('"format": 2', form.indexOf('"format": 1'));
  const cases: [string, Buffer, string][] = [
    ["cut off", whole.subarray(0, whole.length - 40), "no whole backup"],
    ["cut off as a tar", gzipSync(tar.subarray(0, Math.floor(tar.length / 1024) * 512)), "no whole backup"],
    ["without its end", gzipSync(withoutEnd(tar)), "its end is missing"],
    ["changed", gzipSync(changed), "is not what was written"],
    ["no backup", Buffer.from("hello"), "no whole backup"],
    ["newer", gzipSync(form), "has form 2"],
  ];
  for (const [name, content, line] of cases) {
    const folder = temporaryFolder();
    const file = join(folder, "given.tar.gz");
    writeFileSync(file, content);
    const dataDir = join(folder, "data");
    expect([name, await refusal("restore", [file], { DATA_DIR: dataDir })]).toEqual([
      name,
      expect.stringContaining(line),
    ]);
    expect(readdirSync(folder)).toEqual(["given.tar.gz"]);
  }
  expect(await refusal("restore", ["/nowhere.tar.gz"], {})).toContain("there is no backup /nowhere.tar.gz");
});

/** The tar as a writer leaves it that has not come to the list of checksums. */
function withoutEnd(tar: Buffer): Buffer {
  return Buffer.concat([tar.subarray(0, tar.indexOf("SHA256SUMS\0")), Buffer.alloc(1024)]);
}

test("[OPS17] a database in use is kept, unless it is told to go", async () => {
  const { dataDir, backup } = await usedFolder();
  const other = await usedFolder();
  expect(await refusal("restore", [backup], { DATA_DIR: other.dataDir })).toContain("--replace");
  const server = await startAt({ dataDir: other.dataDir, env: {} });
  const running = await refusal("restore", [backup, "--replace"], { DATA_DIR: other.dataDir });
  expect(running).toContain("is already running");
  const before = await queryIn(other.dataDir, "select id from parlor.users");
  await server.stop();
  expect(await runCommand("restore", [backup, "--replace"], { DATA_DIR: other.dataDir })).toMatchObject({
    code: 0,
  });
  for (const folder of [dataDir, other.dataDir]) await startAt({ dataDir: folder, env: {} });
  const after = await queryIn(other.dataDir, "select id from parlor.users");
  expect(after).not.toEqual(before);
  expect(after).toEqual(await queryIn(dataDir, "select id from parlor.users"));
});

test.skipIf(debianPrograms === undefined)(
  "[OPS17] a database that a running Parlor uses is refused (needs Debian's postgresql)",
  async () => {
    const { backup } = await usedFolder();
    const place = await newPlace("external");
    await startAt(place);
    const line = await refusal("restore", [backup, "--replace"], place.env);
    expect(line).toContain("a Parlor is connected to this database");
  },
);

test("[OPS17] a restore that is killed leaves an empty database, and the next one is whole", async () => {
  const { backup } = await usedFolder(40_000);
  const dataDir = await preparedFolder();
  const command = startCommand("restore", [backup], { DATA_DIR: dataDir });
  const filling = `select 1 from pg_stat_activity
    where application_name = 'parlor backup' and query like 'insert into "parlor"."users"%'`;
  await until("it fills the tables", async () =>
    queryIn(dataDir, filling).then(
      (rows) => rows.length > 0,
      () => false,
    ),
  );
  kill(command.pid);
  expect((await command.ended()).code).toBe("SIGKILL");
  const server = await startAt({ dataDir, env: {} });
  expect(await usersIn(dataDir)).toBe(0);
  await server.stop();
  expect(await runCommand("restore", [backup], { DATA_DIR: dataDir })).toMatchObject({ code: 0 });
  await startAt({ dataDir, env: {} });
  expect(await usersIn(dataDir)).toBe(40_001);
});

test.skipIf(debianPrograms === undefined)(
  "[OPS17] a replacement that is killed leaves what was there (needs Debian's postgresql)",
  async () => {
    const { backup } = await usedFolder(40_000);
    const place = await newPlace("external");
    const server = await startAt(place);
    const ann = await makeGuest(server, "ann");
    await server.stop();
    const command = startCommand("restore", [backup, "--replace"], place.env);
    const { DATABASE_URL: url = "" } = place.env;
    const filling = `select 1 from pg_stat_activity
      where application_name = 'parlor backup' and query like 'insert into "parlor"."users"%'`;
    await until("it fills the tables", async () => (await queryAt(url, filling)).length > 0);
    kill(command.pid);
    await command.ended();
    const again = await startAt(place);
    expect((await request(again, "GET", `/users/${ann.id}`)).status).toBe(200);
    expect(await queryAt(url, "select count(*)::int as count from parlor.users")).toEqual([{ count: 1 }]);
  },
);
