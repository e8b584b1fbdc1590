import type { Page } from "playwright-core";

/** Sends many messages over the page's own session; `texts` are stored in their order. Answers their numbers. */
export async function sendMany(page: Page, texts: readonly string[]): Promise<number[]> {
  const roomId = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1) ?? "");
  return await page.evaluate(
    async ({ room, list }) => {
      const me = JSON.parse(localStorage.getItem("parlor:me") ?? "{}");
      const userId = me.user_id;
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/${room}/${userId}?after=0`);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      const seqs: number[] = [];
      const isDone = new Promise<void>((resolve) => {
        socket.addEventListener("message", ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type !== "message" || !String(frame.client_id).startsWith("many-")) return;
          seqs.push(frame.seq);
          if (seqs.length === list.length) resolve();
        });
      });
      // Fewer than the server takes at once, then as many as it takes in a second.
      const begin = 900;
      for (let index = 0; index < list.length; index += 1) {
        if (index >= begin && index % 45 === 0) await new Promise((resolve) => setTimeout(resolve, 1_000));
        socket.send(
          JSON.stringify({ type: "message", content: list[index], client_id: `many-${index}-${Date.now()}` }),
        );
      }
      await isDone;
      socket.close();
      return seqs;
    },
    { room: roomId, list: [...texts] },
  );
}
