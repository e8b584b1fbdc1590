import type { Candidate, JanusFrame, Jsep, RoomWords } from "./frames.js";

/** What a handle needs of the connection to Janus. */
interface Requests {
  request(
    body: { readonly janus: string } & Record<string, unknown>,
    endsWith?: "ack" | "answer",
  ): Promise<JanusFrame>;
  detach(handle: JanusHandle): void;
}

/** One handle of the video room: whoever manages rooms, or one peer connection. */
export class JanusHandle {
  readonly id: number;
  readonly #link: Requests;
  readonly #onEvent: (frame: JanusFrame) => void;

  constructor(link: Requests, id: number, onEvent: (frame: JanusFrame) => void) {
    this.#link = link;
    this.id = id;
    this.#onEvent = onEvent;
  }

  /** Asks the video room; throws `call_server_away`, and a `JanusError` for a refusal. */
  async ask(body: { readonly request: string } & Record<string, unknown>, jsep?: Jsep): Promise<Answer> {
    const frame = await this.#link.request({
      janus: "message",
      handle_id: this.id,
      body,
      ...(jsep ? { jsep } : {}),
    });
    return { words: frame.plugindata?.data ?? {}, jsep: frame.jsep ?? null };
  }

  /** Passes a candidate on. */
  async trickle(candidate: Candidate): Promise<void> {
    await this.#link.request({ janus: "trickle", handle_id: this.id, candidate }, "ack");
  }

  /** Takes what Janus says of its own accord. */
  receive(frame: JanusFrame): void {
    this.#onEvent(frame);
  }

  detach(): void {
    this.#link.detach(this);
  }
}

/** What the video room answers. */
export interface Answer {
  readonly words: RoomWords;
  readonly jsep: Jsep | null;
}
