import { createHash } from "node:crypto";
import type { Message } from "@parlor/protocol";
import type { ExportedRoom } from "./exported-room.js";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: .9rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #8886; }
article { margin: .75rem 0; }
article:target { outline: 2px solid; outline-offset: .25rem; }
time, .mark, .about { font-size: .85rem; opacity: .75; }
p { margin: 0; white-space: pre-wrap; }
.gone { font-style: italic; opacity: .75; }
blockquote { margin: .25rem 0; padding-left: .75rem; border-left: 3px solid #8888; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
`;

/** Nothing of the page runs, loads or sends anything; the style is known by its hash. */
export const EXPORT_CSP =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'";

/** An export as a page that is read in any browser, also years later and without this server. */
export async function* toHtml(room: ExportedRoom, messages: AsyncIterable<Message>): AsyncGenerator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(EXPORT_CSP)}">
<title>${escapeHtml(room.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1 dir="auto">${escapeHtml(room.name)}</h1>
${room.description ? `<p dir="auto">${escapeHtml(room.description)}</p>\n` : ""}<p class="about">Exported ${readable(room.exported_at)}. All times are UTC.</p>
</header>
<main>
`;
  let day = "";
  for await (const message of messages) {
    const date = message.timestamp.slice(0, 10);
    if (date !== day) yield `<h2>${date}</h2>\n`;
    day = date;
    yield article(message);
  }
  yield "</main>\n</body>\n</html>\n";
}

function article(message: Message): string {
  const { seq, username, timestamp, edited_at, pinned_at, deleted_at } = message;
  const marks = [
    edited_at === null ? "" : ` <span class="mark">edited ${readable(edited_at)}</span>`,
    pinned_at === undefined ? "" : ` <span class="mark">pinned ${readable(pinned_at)}</span>`,
  ].join("");
  const time = `<time datetime="${escapeHtml(timestamp)}">${escapeHtml(timestamp.slice(11, 19))}</time>`;
  const body =
    deleted_at === null
      ? `${quote(message)}${text(message.content)}${files(message)}${reactions(message)}`
      : `<p class="gone">This message was deleted ${readable(deleted_at)}.</p>\n`;
  return `<article id="m${seq}"><b dir="auto">${escapeHtml(username)}</b> ${time}${marks}\n${body}</article>\n`;
}

function text(content: string): string {
  return content === "" ? "" : `<p dir="auto">${escapeHtml(content)}</p>\n`;
}

function quote({ reply_to }: Message): string {
  if (!reply_to) return "";
  const { seq, username, content, deleted } = reply_to;
  const words = deleted ? '<span class="gone">deleted</span>' : escapeHtml(content);
  return `<blockquote dir="auto"><a href="#m${seq}">${escapeHtml(username)}</a>: ${words}</blockquote>\n`;
}

/** What a message carries beside its text, as far as a page without pictures shows it. */
function files(message: Message): string {
  const lines = (message.attachments ?? []).map(
    ({ name, url }) =>
      `<li><a href="${escapeHtml(url)}" rel="noreferrer" dir="auto">${escapeHtml(name)}</a></li>`,
  );
  return lines.length > 0 ? `<ul>${lines.join("")}</ul>\n` : "";
}

function reactions({ reactions: list }: Message): string {
  if (list.length === 0) return "";
  return `<p class="mark">${list.map(({ emoji, count }) => `${escapeHtml(emoji)} ${count}`).join(" · ")}</p>\n`;
}

function readable(iso: string): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 16).replace("T", " "))}</time>`;
}

/** Safe as text and in quoted attributes. */
function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
