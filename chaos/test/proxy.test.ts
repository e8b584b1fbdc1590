import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { NetworkFault } from "../proxy/fault.js";
import { ClientNetwork } from "../proxy/network.js";
import { createRandom } from "../random.js";

/** A server that says what it got: requests by their body, frames by an echo. */
let server: Server;
let sockets: WebSocketServer;
let network: ClientNetwork;
let bodies: string[];
let hits: string[];

beforeEach(async () => {
  bodies = [];
  hits = [];
  server = createServer(async (request, response) => {
    const body = await bodyOf(request).catch(() => null);
    if (body === null) return;
    bodies.push(body);
    response.end(`got ${body}`);
  });
  sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data) => {
      bodies.push(String(data));
      socket.send(String(data));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  network = await ClientNetwork.start(createRandom(1), (kind) => hits.push(kind));
  network.upstream = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await network.close();
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

/** Sends what the proxy knows as a message that may be repeated. */
async function post(body: string): Promise<string> {
  const response = await fetch(`${network.url}/rooms/r/messages`, { method: "POST", body, keepalive: false });
  return await response.text();
}

async function connect(): Promise<{ socket: WebSocket; got: string[]; ended: Promise<number> }> {
  const socket = new WebSocket(`${network.url.replace("http", "ws")}/ws/r/u?after=0&chaos=1`);
  const got: string[] = [];
  socket.on("message", (data) => got.push(String(data)));
  socket.on("error", () => {});
  const ended = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("close", () => reject(new Error("refused")));
  });
  return { socket, got, ended };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("what the test waits for never happens");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const named = (number: number) => JSON.stringify({ content: `text ${number}`, client_id: `c${number}` });
const numbered = (number: number) => JSON.stringify({ type: "message", updated_seq: number });
const synced = '{"type":"synced","head_seq":0}';

describe("the proxy", () => {
  it("passes requests and frames of any size on as they are", async () => {
    const long = "x".repeat(200_000);
    expect(await post(long)).toBe(`got ${long}`);
    const { socket, got } = await connect();
    for (const text of ["a", "b".repeat(300), long]) socket.send(text);
    await until(() => got.length === 3);
    expect(got.map(({ length }) => length)).toEqual([1, 300, 200_000]);
    expect(hits).toEqual([]);
  });

  it("counts no fault that hits nothing", async () => {
    for (const kind of ["cut", "half-open"] as const) network.apply({ kind });
    network.apply({ kind: "stall", duration: 1 });
    network.apply({ kind: "drop-frame" });
    expect(hits).toEqual([]);
  });

  it("cuts without a close frame", async () => {
    const { ended } = await connect();
    network.apply({ kind: "cut" });
    expect(await ended).toBe(1006);
    expect(hits).toEqual(["cut"]);
  });

  it("leaves a half-open connection open and silent, until the network heals", async () => {
    const { socket, got, ended } = await connect();
    network.apply({ kind: "half-open" });
    socket.send("into the void");
    const other = await connect();
    other.socket.send("arrives");
    await until(() => other.got.length === 1);
    expect(bodies).toEqual(["arrives"]);
    expect(got).toEqual([]);
    network.heal();
    expect(await ended).toBe(1006);
  });

  it("delays and stalls without changing the order", async () => {
    const { socket, got } = await connect();
    network.apply({ kind: "delay", delay: 5, jitter: 40, duration: 60_000 });
    const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
    for (const text of texts) socket.send(text);
    network.apply({ kind: "stall", duration: 50 });
    await until(() => got.length === texts.length);
    expect(got).toEqual(texts);
    expect(new Set(hits)).toEqual(new Set(["delay", "stall"]));
  });

  it.each<[string, NetworkFault]>([
    ["a part of a request", { kind: "truncate-up", share: 0.5 }],
    ["a part of an answer", { kind: "truncate-down", share: 0.5 }],
    ["no answer", { kind: "swallow", after: 10 }],
  ])("lets %s arrive and resets", async (_, fault) => {
    network.apply(fault);
    await expect(post(named(1))).rejects.toThrow();
    expect(hits).toEqual([fault.kind]);
    expect(bodies).toEqual(fault.kind === "truncate-up" ? [] : [named(1)]);
  });

  it.each<[string, NetworkFault]>([
    ["a part of a frame", { kind: "truncate-up", share: 0.5 }],
    ["a part of an answering frame", { kind: "truncate-down", share: 0.5 }],
    ["a frame that is not answered", { kind: "swallow", after: 10 }],
  ])("lets %s through and resets the WebSocket", async (_, fault) => {
    const { socket, got, ended } = await connect();
    network.apply(fault);
    socket.send(named(1));
    expect(await ended).toBe(1006);
    expect(got).toEqual([]);
    expect(hits).toEqual([fault.kind]);
    expect(bodies).toEqual(fault.kind === "truncate-up" ? [] : [named(1)]);
  });

  it("repeats a named request and a named frame, and nothing else", async () => {
    network.apply({ kind: "duplicate", after: 0 });
    await post("nameless");
    const { socket } = await connect();
    socket.send("nameless");
    await until(() => bodies.length === 2);
    socket.send(named(1));
    await until(() => bodies.length === 4);
    network.apply({ kind: "duplicate", after: 5 });
    await post(named(2));
    await until(() => bodies.length === 6);
    expect(bodies).toEqual(["nameless", "nameless", named(1), named(1), named(2), named(2)]);
    expect(hits).toEqual(["duplicate", "duplicate"]);
  });

  it("drops one numbered frame of a socket with a cursor, and only that", async () => {
    const { socket, got } = await connect();
    network.apply({ kind: "drop-frame" });
    const texts = [numbered(1), '{"type":"welcome"}', '{"type":"typing_start"}', numbered(2), numbered(3)];
    for (const text of texts) socket.send(text);
    await until(() => got.at(-1) === numbered(3));
    expect(got).toEqual(texts.filter((text) => text !== numbered(2)));
    expect(hits).toEqual(["drop-frame"]);
  });

  it("drops one frame of a replay that is counted", async () => {
    const { socket, got } = await connect();
    network.apply({ kind: "drop-frame" });
    const texts = ['{"type":"welcome"}', numbered(1), numbered(2), synced];
    for (const text of texts) socket.send(text);
    await until(() => got.at(-1) === synced);
    expect(got).toEqual(texts.filter((text) => text !== numbered(1)));
    expect(hits).toEqual(["drop-frame"]);
  });

  it("blocks WebSockets and lets requests pass, for a while", async () => {
    const { ended } = await connect();
    network.apply({ kind: "block-sockets", duration: 60_000 });
    expect(await ended).toBe(1006);
    await expect(connect()).rejects.toThrow("refused");
    expect(await post("hello")).toBe("got hello");
    network.heal();
    await connect();
    expect(hits).toEqual(["block-sockets"]);
  });
});
