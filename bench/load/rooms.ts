import { connectMember, type Member, type MemberOptions } from "./member.js";
import type { Target } from "./spec.js";

/** Connections that are being made at one time. */
const AT_ONCE = 32;

/** What happens at the members. */
export type Listeners = (index: number) => Pick<MemberOptions, "onText" | "onBytes" | "onLost">;

/** Makes rooms over HTTP; answers their ids. */
export async function makeRooms(target: Target, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const response = await fetch(`http://127.0.0.1:${target.port}/rooms`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: `Bench ${ids.length}` }),
    });
    if (!response.ok) throw new Error(`POST /rooms answers ${response.status}`);
    ids.push(((await response.json()) as { id: string }).id);
  }
  return ids;
}

/** Connects the members with the given numbers, spread over the rooms in turn. */
export async function connectMembers(
  target: Target,
  roomIds: readonly string[],
  range: { readonly from: number; readonly to: number },
  listeners: Listeners,
): Promise<Member[]> {
  const members: Member[] = [];
  let next = range.from;
  const run = String(process.pid).padStart(8, "0");
  const worker = async () => {
    while (next < range.to) {
      const index = next;
      next += 1;
      members[index - range.from] = await connectMember({
        target,
        index,
        roomId: roomIds[index % roomIds.length] ?? "",
        userId: `00000000-0000-4000-8000-${run.slice(-6)}${String(index).padStart(6, "0")}`,
        username: `user${String(index).padStart(6, "0")}`,
        ...listeners(index),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return members;
}
