import type { Bus } from "./bus.js";

/** The bus of a single node: publishing calls the subscribers at once. */
export function createMemoryBus(): Bus {
  const handlers: Parameters<Bus["subscribe"]>[0][] = [];
  return {
    publish(roomId, frame) {
      for (const handler of handlers) handler(roomId, frame);
    },
    subscribe: (handler) => void handlers.push(handler),
  };
}
