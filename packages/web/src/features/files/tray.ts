import type { Attachment, AttachmentKind, ErrorCode } from "@parlor/protocol";
import { LIMITS } from "@parlor/protocol";
import { KEYS, load, loadJson, save } from "../../lib/storage.js";
import { isAttachment } from "./attachment.js";
import { rememberFile } from "./known.js";

/** A finished file waits for its message here for so long; the server drops it after a day. */
const KEEP_MS = 20 * 3_600_000;
/** With so many rooms visited, the empty ones are forgotten. */
const MOST_TRAYS = 50;

/** A file that is to go with the next message. */
export interface TrayItem {
  readonly key: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly kind: AttachmentKind;
  /** Address of a small picture of it. */
  readonly thumb: string | null;
  readonly status: "waiting" | "sending" | "done" | "failed";
  /** Bytes that the server has. */
  readonly sent: number;
  /** Why it failed. */
  readonly failure: { readonly code: ErrorCode; readonly detail: string } | null;
  readonly attachment: Attachment | null;
}

/** What is to go with the next message of a room. */
export interface TrayState {
  readonly items: readonly TrayItem[];
  /** Whether the message goes by itself as soon as the last upload is done. */
  readonly armed: boolean;
}

/** The files of one person's next message in one room; it outlives the page of the room, so uploads go on. */
export interface Tray {
  readonly roomId: string;
  readonly userId: string;
  readonly state: TrayState;
  /** Whether nothing is in it and nobody looks. */
  readonly isIdle: boolean;
  subscribe(listener: () => void): () => void;
  /** Takes an item in; `false` where the message is full. */
  add(item: TrayItem): boolean;
  change(key: string, fields: Partial<TrayItem>): void;
  remove(key: string): void;
  arm(armed: boolean): void;
  clear(): void;
}

const trays = new Map<string, Tray>();

/** Whether any upload runs, which a reload of the page would lose. */
export function isUploading(): boolean {
  return [...trays.values()].some(({ state }) => state.items.some(isRunning));
}

/** Whether an item is on its way. */
export function isRunning({ status }: TrayItem): boolean {
  return status === "waiting" || status === "sending";
}

/** The tray of a person in a room. */
export function trayOf(roomId: string, userId: string): Tray {
  const key = `${userId}/${roomId}`;
  const known = trays.get(key);
  if (known) return known;
  if (trays.size >= MOST_TRAYS) {
    for (const [old, { isIdle }] of trays) if (isIdle) trays.delete(old);
  }
  const tray = createTray(roomId, userId);
  trays.set(key, tray);
  return tray;
}

function createTray(roomId: string, userId: string): Tray {
  const listeners = new Set<() => void>();
  const storage = `${KEYS.draft(roomId)}:files:${userId}`;
  let state: TrayState = { items: restore(storage), armed: false };

  function set(next: TrayState): void {
    const before = state.items.filter(isRunning).length;
    state = next;
    if (before !== state.items.filter(isRunning).length) guardReload();
    for (const listener of listeners) listener();
  }
  function setItems(items: readonly TrayItem[]): void {
    const failed = items.some(({ status }) => status === "failed");
    set({ items, armed: state.armed && !failed && items.length > 0 });
    keep(storage, items);
  }

  return {
    roomId,
    userId,
    get state() {
      return state;
    },
    get isIdle() {
      return state.items.length === 0 && listeners.size === 0;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(item) {
      if (state.items.length >= LIMITS.attachments) return false;
      setItems([...state.items, item]);
      return true;
    },
    change(key, fields) {
      if (fields.attachment) rememberFile(fields.attachment);
      const isEnd = fields.status !== undefined;
      const items = state.items.map((item) => (item.key === key ? { ...item, ...fields } : item));
      if (isEnd) setItems(items);
      else set({ ...state, items });
    },
    remove(key) {
      dropThumb(state.items.find((item) => item.key === key));
      setItems(state.items.filter((item) => item.key !== key));
    },
    arm: (armed) => armed !== state.armed && set({ ...state, armed }),
    clear() {
      for (const item of state.items) dropThumb(item);
      setItems([]);
    },
  };
}

function dropThumb(item: TrayItem | undefined): void {
  if (item?.thumb?.startsWith("blob:")) URL.revokeObjectURL(item.thumb);
}

/** Remembers what is uploaded and not sent; what is still on its way cannot outlive the page. */
function keep(storage: string, items: readonly TrayItem[]): void {
  const files = items.flatMap(({ attachment }) => (attachment ? [attachment] : []));
  if (files.length === 0) {
    if (load(storage) !== null) save(storage, null);
    return;
  }
  save(storage, JSON.stringify({ at: Date.now(), files }));
}

function restore(storage: string): TrayItem[] {
  const kept = loadJson(storage, (value) => {
    const { at, files } = value as { at?: unknown; files?: unknown };
    if (typeof at !== "number" || Date.now() - at > KEEP_MS || !Array.isArray(files)) return null;
    return files.filter(isAttachment).slice(0, LIMITS.attachments);
  });
  return (kept ?? []).map((attachment) => {
    rememberFile(attachment);
    return itemOf(attachment);
  });
}

/** A file that is uploaded already, as an item. */
export function itemOf(attachment: Attachment): TrayItem {
  return {
    key: attachment.id,
    name: attachment.name,
    size: attachment.size,
    kind: attachment.kind,
    thumb: attachment.previews["360"] ?? null,
    status: "done",
    sent: attachment.size,
    failure: null,
    attachment,
  };
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** A reload asks first, but only while something would be lost. */
function guardReload(): void {
  if (isUploading()) window.addEventListener("beforeunload", warn);
  else window.removeEventListener("beforeunload", warn);
}
