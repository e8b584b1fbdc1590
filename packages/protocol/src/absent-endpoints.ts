import * as z from "zod/mini";
import { endpoint, roomId } from "./endpoint.js";
import { AssistantHealth } from "./health.js";
import { text } from "./text.js";

const unavailableFeature = z.looseObject({ detail: z.string() });

/** Routes that the seeds' clients ask for and behind which nothing is set up: they answer empty, or say so. */
export const absentEndpoints = {
  listLiveStreams: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/live-streams",
    tag: "video",
    summary: "List live streams",
    params: roomId,
    reply: z.array(z.looseObject({ id: z.string() })),
  }),
  createLiveStream: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/live-stream",
    tag: "video",
    summary: "Start a live stream (no provider is set up)",
    params: roomId,
    body: z.object({ title: z.optional(z.nullable(text({ max: 500 }))) }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  listVideos: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/videos",
    tag: "video",
    summary: "List uploaded videos",
    params: roomId,
    reply: z.array(z.looseObject({ id: z.string() })),
  }),
  createVideoUpload: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/video-upload",
    tag: "video",
    summary: "Prepare a video upload (no provider is set up)",
    params: roomId,
    body: z.object({
      title: z.optional(z.nullable(text({ max: 500 }))),
      description: z.optional(z.nullable(text({ max: 5_000 }))),
    }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),

  assistantChat: endpoint({
    method: "POST",
    path: "/api/v1/chat",
    tag: "assistant",
    summary: "Ask the assistant (no key is set up)",
    body: z.looseObject({ message: z.string() }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantStreamChat: endpoint({
    method: "POST",
    path: "/ai/stream/chat",
    tag: "assistant",
    summary: "Ask the assistant, answered as a stream (no key is set up)",
    body: z.looseObject({ messages: z.array(z.unknown()) }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantStreamGenerate: endpoint({
    method: "POST",
    path: "/ai/stream/generate",
    tag: "assistant",
    summary: "Let the assistant write, answered as a stream (no key is set up)",
    body: z.looseObject({}),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantHealth: endpoint({
    method: "GET",
    path: "/ai/health",
    aliases: [{ method: "GET", path: "/api/v1/chat/health" }],
    tag: "assistant",
    summary: "Tell whether the assistant is set up",
    reply: AssistantHealth,
  }),
};
