/** The link of a room. */
export function roomLink(roomId: string): string {
  return `${location.origin}${roomPath(roomId)}`;
}

/** The page of a room. A colon stands as it is: the router leaves what stands for one undecoded. */
export function roomPath(roomId: string): string {
  return `/r/${encodeURIComponent(roomId).replaceAll("%3A", ":")}`;
}

/** The room's id in the address of its page, also in one that somebody encoded on the way. */
export function roomIdOfPath(part: string): string {
  return part.replaceAll(/%3a/gi, ":");
}

/** The id in what somebody pasted: a link to a room, or the id itself. */
export function roomIdFrom(text: string): string | null {
  const trimmed = text.trim();
  const inLink = /\/r\/([^/?#\s]+)/.exec(trimmed)?.[1];
  let id = inLink ?? trimmed;
  try {
    id = decodeURIComponent(id);
  } catch {
    return null;
  }
  return /^[A-Za-z0-9._:-]{1,260}$/.test(id) ? id : null;
}
