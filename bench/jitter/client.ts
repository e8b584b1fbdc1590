/** One member of a room whose network breaks: what it hears, however often it comes back. */
export interface JitterClient {
  /** Comes into its room, or comes back to it; resolves when it is in. */
  connect(): Promise<void>;
  /** The network breaks: TCP ends without a word of the protocol above it. */
  cut(): void;
  /** Ends for good. */
  close(): void;
}

/** What a client is to call for each message that it hears, by the message's number. */
export type OnNumber = (number: number) => void;

/** One kind of server in the comparison. */
export interface Contender {
  readonly name: string;
  readonly title: string;
  /** Makes a room; answers its id. */
  makeRoom(): Promise<string>;
  /** Makes a client, which is not connected yet. */
  makeClient(roomId: string, onNumber: OnNumber): Promise<JitterClient>;
  /** Makes somebody who stays and sends numbers into a room. */
  makeSender(roomId: string): Promise<{ send(number: number): void; close(): void }>;
  stop(): Promise<void>;
}

/** How a number travels in a message's text. */
export const textOf = (number: number): string => `#${number}`;

/** The number in a message's text; `null` for a text without one. */
export function numberIn(text: string): number | null {
  const found = /^#(\d+)$/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
