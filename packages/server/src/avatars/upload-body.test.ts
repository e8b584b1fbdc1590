import multipart from "@fastify/multipart";
import { ParlorError } from "@parlor/protocol";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { createUploadReader } from "./upload-body.js";

/** A small server that holds few bytes, and answers with what it read or refused. */
async function createReader(heldBytes: number, use: () => Promise<void> = async () => {}) {
  const reader = createUploadReader(heldBytes);
  const app = Fastify();
  await app.register(multipart);
  app.post("/", async (request) => {
    try {
      return await reader.read(
        request,
        async () => {},
        async ({ single }) => {
          await use();
          return { bytes: single?.length };
        },
      );
    } catch (error) {
      return { code: error instanceof ParlorError ? error.code : String(error) };
    }
  });
  return async (bytes: number) => {
    const answer = await app.inject({
      method: "POST",
      url: "/",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      payload: `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${"a".repeat(bytes)}\r\n--x--\r\n`,
    });
    return answer.json() as { bytes?: number; code?: string };
  };
}

describe("createUploadReader", () => {
  test("[AV14] holds a bounded number of bytes of all uploads, and lets go of them afterwards", async () => {
    let finish: () => void = () => {};
    let reading: () => void = () => {};
    const isRead = new Promise<void>((resolve) => {
      reading = resolve;
    });
    const end = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const send = await createReader(1_000, () => {
      reading();
      return end;
    });
    const first = send(700);
    await isRead;
    expect(await send(700)).toEqual({ code: "overloaded" });
    finish();
    expect(await first).toEqual({ bytes: 700 });
    expect(await send(1_001)).toEqual({ code: "overloaded" });
    expect(await send(1_000)).toEqual({ bytes: 1_000 });
  });
});
