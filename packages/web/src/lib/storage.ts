/** Every key that the client keeps in localStorage. */
export const KEYS = {
  me: "parlor:me",
  profile: "parlor:profile",
  theme: "parlor:theme",
  language: "parlor:language",
  rooms: "parlor:rooms",
  people: "parlor:people",
  emoji: "parlor:emoji",
  skin: "parlor:skin",
  notify: "parlor:notify",
  call: "parlor:call",
  draft: (roomId: string) => `parlor:draft:${roomId}`,
  kept: (roomId: string) => `parlor:kept:${roomId}`,
  place: (roomId: string) => `parlor:place:${roomId}`,
  reply: (roomId: string) => `parlor:reply:${roomId}`,
  read: (roomId: string) => `parlor:read:${roomId}`,
} as const;

/** What stays when a person leaves: it says nothing about them. */
const STAYS: ReadonlySet<string> = new Set([KEYS.theme, KEYS.language]);

/** Reads a stored text; a storage that is shut reads as empty. */
export function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * Keeps a text, or forgets it when it is `null`. A full or shut storage loses it: nothing here is the only copy. While
 * the browser is nobody's, as after a logout in another tab, nothing of a person is kept.
 */
export function save(key: string, value: string | null): void {
  const isPersonal = key !== KEYS.me && !STAYS.has(key);
  if (value !== null && isPersonal && load(KEYS.me) === null) return;
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // See above.
  }
}

/** Reads a stored value, as far as `parse` accepts it. */
export function loadJson<T>(key: string, parse: (value: unknown) => T | null): T | null {
  const text = load(key);
  if (text === null) return null;
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Forgets all that a person leaves behind. */
export function forgetPerson(): void {
  forget((key) => key.startsWith("parlor:") && !STAYS.has(key));
}

/** Forgets what is noted of a person's rooms while they show them; what they were writing stays. */
export function forgetRooms(): void {
  const notes = [KEYS.kept, KEYS.place, KEYS.read].map((keyOf) => keyOf(""));
  forget((key) => key === KEYS.rooms || notes.some((note) => key.startsWith(note)));
}

function forget(isForgotten: (key: string) => boolean): void {
  try {
    for (const key of Object.keys(localStorage)) if (isForgotten(key)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
