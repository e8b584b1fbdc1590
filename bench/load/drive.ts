import { setTimeout as pause } from "node:timers/promises";
import type { FanOutSpec } from "./spec.js";
import type { Traffic } from "./traffic.js";

/** Longest wait for messages that are under way when the sending has ended. */
const DRAIN_MS = 10_000;

/** Sends for so many seconds as the scenario says, and waits until all has arrived, or for the longest wait. */
export async function drive(traffic: Traffic, spec: FanOutSpec, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000;
  const { drive: how } = spec;
  if (how.kind === "room-window") await keepRoomsFull(traffic, spec, how.messages, until);
  else if (how.kind === "sender-window") await keepSendersFull(traffic, spec, how.messages, until);
  else await keepTime(traffic, spec, how.perSecond, until);
  traffic.onProgress = () => undefined;
  const deadline = performance.now() + DRAIN_MS;
  while (!traffic.isDrained() && performance.now() < deadline) await pause(1);
}

async function keepRoomsFull(traffic: Traffic, spec: FanOutSpec, window: number, until: number) {
  let scheduled = false;
  let active = true;
  const fill = () => {
    scheduled = false;
    if (!active) return;
    for (const [index, room] of traffic.rooms.entries()) {
      while (room.sent - Math.floor(room.delivered / spec.members) < window) traffic.sendIn(index);
    }
  };
  // Once in a turn of the loop, after all reads of it.
  traffic.onProgress = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(fill);
  };
  fill();
  await pause(until - performance.now());
  active = false;
}

async function keepSendersFull(traffic: Traffic, spec: FanOutSpec, window: number, until: number) {
  let back: number[] = [];
  let active = true;
  const fill = () => {
    const senders = back;
    back = [];
    if (active) for (const sender of senders) traffic.sendBy(sender);
  };
  traffic.onProgress = (sender) => {
    if (sender < 0) return;
    if (back.length === 0) setImmediate(fill);
    back.push(sender);
  };
  for (let count = 0; count < window; count += 1) {
    for (let sender = 0; sender < spec.senders * spec.rooms; sender += 1) traffic.sendBy(sender);
  }
  await pause(until - performance.now());
  active = false;
}

/** The stamp is the time at which the message was due, so that a server which stalls cannot hide it. */
async function keepTime(traffic: Traffic, spec: FanOutSpec, perSecond: number, until: number) {
  const start = performance.now();
  for (let count = 0; ; count += 1) {
    const due = start + (count * 1000) / perSecond;
    if (due >= until) return;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    traffic.sendIn(count % spec.rooms, due);
  }
}
