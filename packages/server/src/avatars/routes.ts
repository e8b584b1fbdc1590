import { type AvatarSize, ParlorError } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BASE_MARK } from "../base-address.js";
import { hasTag } from "../http/etag.js";
import type { RateLimits } from "../http/limits.js";
import { route } from "../http/route.js";
import { createTokenBuckets, type Rate } from "../token-bucket.js";
import type { Access } from "../users/caller.js";
import type { AvatarsService, UploadedAvatar } from "./service.js";
import { createUploadReader } from "./upload-body.js";

/** Uploads of one address: a whole class at once, but no flood of the disk. */
const UPLOADS: Rate = { burst: 300, perSecond: 1 / 4 };

/** Routes that change avatars, and the one that serves their files. */
export function registerAvatarRoutes(
  app: FastifyInstance,
  parts: { avatars: AvatarsService; access: Access; limits: RateLimits },
): void {
  const { avatars, access, limits } = parts;
  const uploads = createUploadReader();
  const quotas = createTokenBuckets(UPLOADS);

  function countUpload(ip: string): void {
    if (!limits.enabled) return;
    const now = performance.now();
    const bucket = quotas(ip);
    if (bucket.take(now)) return;
    throw new ParlorError("rate_limited", undefined, { retryAfter: bucket.waitTime(now) });
  }

  route(app, "uploadAvatar", async ({ params, caller, request }) => {
    const authorize = async () => {
      const user = await access.authorize(caller, params.user_id);
      if (!user) throw new ParlorError("user_not_found");
      return user;
    };
    const check = async () => {
      await authorize();
      countUpload(caller.ip);
    };
    return await uploads.read(request, check, async (upload) => {
      const avatar = await avatars.store(params.user_id, upload);
      // Reading took a while: meanwhile the user may have become somebody's who has a session.
      const user = await authorize();
      await avatars.use(user.id, avatar);
      return uploaded(avatar);
    });
  });

  route(app, "deleteAvatar", async ({ params, caller }) => {
    const user = await access.authorize(caller, params.user_id);
    if (!user) throw new ParlorError("user_not_found");
    await avatars.remove(user.id);
    return { success: true, message: "Avatar removed" };
  });

  route(
    app,
    "avatarHealth",
    async () => ({
      status: "healthy",
      bunny_net_configured: false,
      storage_zone: null,
      cdn_hostname: null,
      timestamp: new Date().toISOString(),
    }),
    { anonymous: true },
  );

  app.get<{ Params: { file: string } }>(
    "/avatars/:file",
    { config: { anonymous: true } },
    async (request, reply) => await sendFile(avatars, request, reply),
  );
}

async function sendFile(
  avatars: AvatarsService,
  request: FastifyRequest<{ Params: { file: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = request.params.file;
  const bytes = await avatars.read(name);
  if (!bytes) throw new ParlorError("not_found");
  // A name stands for one content for ever, so it is its own tag.
  const etag = `"${name.replace(".webp", "")}"`;
  reply.headers({
    etag,
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Origin",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
  });
  if (hasTag(request, etag)) return reply.code(304).send();
  return reply.type("image/webp").send(bytes);
}

function uploaded({ paths, bytes }: UploadedAvatar) {
  const url = (size: AvatarSize) => BASE_MARK + paths[size];
  const total = bytes.thumbnail + bytes.small + bytes.medium + bytes.large;
  return {
    success: true as const,
    avatar_urls: {
      thumbnail: url("thumbnail"),
      small: url("small"),
      medium: url("medium"),
      large: url("large"),
    },
    avatar_url: url("medium"),
    total_size_mb: megabytes(total),
    filename: paths.medium.slice(paths.medium.lastIndexOf("/") + 1),
    size_mb: megabytes(bytes.medium),
    message: "Avatar uploaded",
  };
}

function megabytes(bytes: number): number {
  return Math.round((bytes / 1024 / 1024) * 10_000) / 10_000;
}
