/** A run of plain text or a web address in it. */
export interface Part {
  readonly text: string;
  readonly href: string | null;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;
const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function times(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

/** Takes off what belongs to the sentence, not to the address: a full stop, or a bracket that it did not open. */
function trimEnd(address: string): string {
  let end = address.length;
  // Bounded, so that a long row of brackets costs no more than its last few.
  for (let step = 0; step < 16 && end > 0; step++) {
    const last = address[end - 1] ?? "";
    const opening = CLOSING[last];
    const loose = opening
      ? times(address.slice(0, end), opening) < times(address.slice(0, end), last)
      : /[.,:;!?*_~…]/.test(last);
    if (!loose) break;
    end--;
  }
  return address.slice(0, end);
}

function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Splits a text at its web addresses. Only http and https become links, whatever the text says. */
export function splitLinks(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}
