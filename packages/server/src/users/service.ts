import { randomUUID } from "node:crypto";
import {
  cleanText,
  isAvatarUrl,
  isPlaceholderAvatar,
  ParlorError,
  PROFILE_EXTRAS,
  type Profile,
  type ProfileUpdate,
} from "@parlor/protocol";
import { isOwnPicture } from "../base-address.js";
import { createBatcher } from "../batcher.js";
import { createBoundedMap } from "../bounded-map.js";
import type { Database, TransactionSql } from "../db/database.js";
import { isDatabaseTrouble } from "../db/trouble.js";
import { GUEST_MARK, NO_NAME, nameKey, offeredName } from "./name.js";
import type { UserChange } from "./store.js";
import * as store from "./store.js";
import { keptUser, toProfile, type UserRow } from "./user.js";

/** Users whose profile stays in memory, so that a message costs no read of its author. */
const CACHED_USERS = 20_000;
/** Users that one query reads, at most. */
const ROWS_AT_ONCE = 1_000;

/** Guests that one transaction makes, at most; those that wait for the next ones, and for how long. */
const GUESTS_AT_ONCE = 50;
const GUESTS_WAITING = 2_000;
const GUEST_PATIENCE_MS = 10_000;

/** Somebody who is to become a user. */
interface Arrival {
  readonly id: string;
  readonly fields: UserChange & { readonly username: string | null };
  readonly conflict: "refuse" | "mark";
  /** What belongs to the same commit. Done again when the first try took back what it did. */
  readonly within: ((tx: TransactionSql, user: UserRow) => Promise<void>) | undefined;
}

/** Who became a user, `null` when the id was taken; and those who are shown under another name for it. */
interface Arrived {
  readonly user: UserRow | null;
  readonly renamed: readonly UserRow[];
}

/** A profile changed: the user as it is now, and the name it was shown under before. */
export interface ProfileChange {
  readonly user: UserRow;
  readonly previousName: string;
  readonly cause: "profile" | "avatar";
}

export type UsersService = ReturnType<typeof createUsers>;

/** Users, their names and profiles. */
export function createUsers(database: Database) {
  const { sql } = database;
  const cache = createBoundedMap<string, UserRow>(CACHED_USERS);
  const listeners: ((change: ProfileChange) => void)[] = [];

  function remember(user: UserRow): UserRow {
    const known = cache.get(user.id);
    // A read that was under way during a change must not bring the old profile back.
    if (known && known.profile_rev > user.profile_rev) return user;
    cache.set(user.id, keptUser(user));
    return user;
  }

  function emit(user: UserRow, previousName: string, cause: ProfileChange["cause"]): void {
    remember(user);
    for (const listener of listeners) listener({ user, previousName, cause });
  }

  /** Names of a user after a change, checked against the accounts; in a transaction that holds the counter's lock. */
  async function settleNames(
    tx: TransactionSql,
    user: Pick<UserRow, "id" | "account" | "held" | "username" | "display_name">,
    options: { conflict: "refuse" | "mark"; before?: UserRow },
  ): Promise<{ change: UserChange & { shown_name: string; shown_key: string }; renamed: UserRow[] }> {
    const shown = user.display_name ?? user.username ?? NO_NAME;
    // A guest who was marked under an account's name may choose another name to be shown under.
    const claimed = user.account || user.username !== options.before?.username ? user.username : null;
    const keys = [...new Set([shown, claimed ?? shown].map(nameKey))];
    const names = { username: user.username, display_name: user.display_name };
    const usernameKey = user.username === null ? null : nameKey(user.username);
    const named = (name: string) => ({
      ...names,
      username_key: usernameKey,
      shown_name: name,
      shown_key: nameKey(name),
    });
    if (await store.isHeldByAccount(tx, keys, user.id)) {
      if (options.conflict === "refuse") throw new ParlorError("name_taken");
      return { change: named(shown + (await freeMark(tx, nameKey(shown), user.id))), renamed: [] };
    }
    const renamed: UserRow[] = [];
    for (const key of user.account ? keys : []) {
      const mark = await freeMark(tx, key, user.id);
      const rename = { key, mark, exceptId: user.id, openAccounts: user.held };
      renamed.push(...(await store.renameGuests(tx, rename)));
    }
    return { change: named(shown), renamed };
  }

  /** What a guest's name gets behind it, so that no account is known under the whole. */
  async function freeMark(tx: TransactionSql, key: string, exceptId: string): Promise<string> {
    let mark = GUEST_MARK;
    while (await store.isHeldByAccount(tx, [key + mark], exceptId)) mark += GUEST_MARK;
    return mark;
  }

  function announceRenamed(renamed: readonly UserRow[]): void {
    const inOrder = [...renamed].sort((a, b) => a.profile_rev - b.profile_rev);
    for (const user of inOrder) emit(user, user.display_name ?? user.username ?? NO_NAME, "profile");
  }

  /** Changes a user in one transaction. `decide` answers the change, or `null` for none. */
  async function change(
    id: string,
    decide: (user: UserRow) => (UserChange & { cause?: ProfileChange["cause"] }) | null,
    options: {
      conflict?: "refuse" | "mark";
      within?: (tx: TransactionSql, user: UserRow) => Promise<void>;
    } = {},
  ): Promise<UserRow> {
    const done = await database.transaction(async (tx) => {
      const rev = await store.nextProfileRev(tx);
      const before = await store.findUser(tx, id);
      if (!before) throw new ParlorError("user_not_found");
      const decided = decide(before);
      if (!decided) return { before, after: before, renamed: [], cause: null };
      const { cause = "profile", ...fields } = decided;
      const { conflict = "refuse" } = options;
      const next = { ...before, ...fields };
      const touchesNames = ["username", "display_name", "account"].some((field) => field in fields);
      const names = touchesNames ? await settleNames(tx, next, { conflict, before }) : null;
      const after = await store.changeUser(tx, id, { ...fields, ...names?.change }, rev);
      if (!after) throw new ParlorError("user_not_found");
      await options.within?.(tx, after);
      return { before, after, renamed: names?.renamed ?? [], cause };
    });
    if (done.cause) emit(done.after, done.before.shown_name, done.cause);
    announceRenamed(done.renamed);
    return done.after;
  }

  async function insert(tx: TransactionSql, arrival: Arrival, rev: number): Promise<Arrived> {
    const { id, fields, conflict, within } = arrival;
    const { account = false, held = false, username } = fields;
    const draft = { id, account, held, username, display_name: null };
    const { change: names, renamed } = await settleNames(tx, draft, { conflict });
    const user = await store.insertUser(tx, { ...fields, ...names, id, profile_rev: rev });
    if (user) await within?.(tx, user);
    return { user, renamed };
  }

  async function bring(arrivals: readonly Arrival[]): Promise<PromiseSettledResult<Arrived>[]> {
    return await database.transaction(async (tx) => {
      const rev = await store.nextProfileRev(tx, arrivals.length);
      // All have ended before it fails: what one sent behind the rollback would stay.
      const ends = await Promise.allSettled(
        arrivals.map((arrival, index) => insert(tx, arrival, rev - arrivals.length + 1 + index)),
      );
      const broken = ends.find((end) => end.status === "rejected" && !(end.reason instanceof ParlorError));
      if (broken?.status === "rejected") throw broken.reason;
      return ends;
    });
  }

  /** Guests come in crowds, and each takes the lock of the counter: so they go in together. */
  const guests = createBatcher<Arrival, Arrived>({
    size: GUESTS_AT_ONCE,
    waiting: GUESTS_WAITING,
    patienceMs: GUEST_PATIENCE_MS,
    async run(arrivals) {
      try {
        return await bring(arrivals);
      } catch (error) {
        if (arrivals.length === 1 || isDatabaseTrouble(error)) throw error;
      }
      // One bad guest must not keep the others out.
      const ends: PromiseSettledResult<Arrived>[] = [];
      for (const arrival of arrivals) ends.push(...(await Promise.allSettled([bringOne(arrival)])));
      return ends;
    },
  });

  async function bringOne(arrival: Arrival): Promise<Arrived> {
    const [end] = await bring([arrival]);
    if (end?.status === "fulfilled") return end.value;
    throw end?.reason;
  }

  async function create(
    fields: UserChange & { id?: string; username: string | null },
    conflict: "refuse" | "mark",
    within?: (tx: TransactionSql, user: UserRow) => Promise<void>,
  ): Promise<{ user: UserRow; created: boolean }> {
    const id = fields.id ?? randomUUID();
    const arrival = { id, fields, conflict, within };
    const done = await (fields.account ? bringOne(arrival) : guests.add(arrival));
    announceRenamed(done.renamed);
    if (done.user) return { user: remember(done.user), created: true };
    const existing = await store.findUser(sql, id);
    if (!existing) throw new ParlorError("user_not_found");
    return { user: existing, created: false };
  }

  return {
    /** Calls `listener` after the commit of every change of a profile. */
    onProfileChanged(listener: (change: ProfileChange) => void): void {
      listeners.push(listener);
    },

    /** Makes a user with a new id; the name must be free of accounts (409). */
    async createNamed(
      fields: UserChange & { username: string },
      within?: (tx: TransactionSql, user: UserRow) => Promise<void>,
    ): Promise<UserRow> {
      if (offeredName(fields.username) === null)
        throw new ParlorError("invalid_request", "username: needs letters");
      return (await create(fields, "refuse", within)).user;
    },

    /**
     * Makes a user whom a join or a socket brings, under its own id. A name that an account holds is shown as
     * `NAME (guest)`. `created` is false when another request was first.
     */
    async register(
      id: string,
      offered: { username?: string | null; avatarUrl?: string | null; held: boolean },
      within: (tx: TransactionSql, user: UserRow) => Promise<void>,
    ): Promise<{ user: UserRow; created: boolean }> {
      const avatar = offeredAvatar(offered.avatarUrl);
      return await create(
        { id, username: offeredName(offered.username), held: offered.held, ...avatar },
        "mark",
        within,
      );
    },

    /** Takes what a join or a socket says of a known user: a name only when it has none, a real avatar, a placeholder. */
    async offer(
      user: UserRow,
      offered: { username?: string | null; avatarUrl?: string | null },
    ): Promise<UserRow> {
      const username =
        user.username === null && user.display_name === null ? offeredName(offered.username) : null;
      const avatar = offeredAvatar(offered.avatarUrl);
      const news: UserChange = {
        ...(username === null ? {} : { username }),
        ...(avatar.given_avatar_url && avatar.given_avatar_url !== user.given_avatar_url ? avatar : {}),
        ...(avatar.placeholder_url && user.placeholder_url === null ? avatar : {}),
      };
      if (Object.keys(news).length === 0) return user;
      return await change(user.id, () => news, { conflict: "mark" });
    },

    /** Applies `PUT /users/{id}/profile`. Addresses of our own are given as paths. */
    async updateProfile(id: string, update: ProfileUpdate): Promise<UserRow> {
      return await change(id, (user) => profileChange(user, update));
    },

    /** Sets or clears the uploaded avatar. */
    async setAvatar(
      id: string,
      urls: { thumbnail: string; small: string; medium: string; large: string } | null,
    ) {
      return await change(id, () => ({
        avatar_url: urls?.medium ?? null,
        avatar_urls: urls,
        given_avatar_url: null,
        cause: "avatar",
      }));
    },

    change,

    /** Keeps a row that was read elsewhere in memory. */
    remember,

    async find(id: string): Promise<UserRow | null> {
      const user = await store.findUser(sql, id);
      return user && remember(user);
    },

    async require(id: string): Promise<UserRow> {
      const user = await store.findUser(sql, id);
      if (!user) throw new ParlorError("user_not_found");
      return remember(user);
    },

    findAccountByName: (name: string) => store.findAccountByKey(sql, nameKey(name)),
    findAccountByEmail: (email: string) => store.findAccountByEmail(sql, email),
    list: (limit: number, before: string | undefined) => store.listUsers(sql, limit, before),
    count: () => store.countUsers(sql),
    /** Notes that users were there in this minute. */
    noteSeen: (ids: readonly string[]) => store.noteSeen(sql, ids),
    profileRev: () => store.currentProfileRev(sql),

    /** Marks users as held; answers the ids of those that were open until now. */
    async hold(ids: readonly string[]): Promise<string[]> {
      return await store.holdUsers(sql, ids);
    },

    /** The profile from memory, or `undefined` when it must be read. */
    cachedProfile(id: string): Profile | undefined {
      const user = cache.get(id);
      return user && toProfile(user);
    },

    /** Rows of several users by id, read where memory lacks them. */
    async rows(ids: Iterable<string>): Promise<Map<string, UserRow>> {
      const found = new Map<string, UserRow>();
      const missing: string[] = [];
      for (const id of new Set(ids)) {
        const user = cache.get(id);
        if (user) found.set(id, user);
        else missing.push(id);
      }
      while (missing.length > 0) {
        const some = missing.splice(0, ROWS_AT_ONCE);
        for (const user of await store.findUsers(sql, some)) found.set(user.id, remember(user));
      }
      return found;
    },
  };
}

function offeredAvatar(url: string | null | undefined): {
  given_avatar_url?: string;
  placeholder_url?: string;
} {
  if (!url || !(isOwnPicture(url) || isAvatarUrl(url))) return {};
  const clean = cleanText(url);
  return isPlaceholderAvatar(clean) ? { placeholder_url: clean } : { given_avatar_url: clean };
}

function checkAvatarUrl(url: string): string {
  if (url.startsWith("data:")) {
    throw new ParlorError(
      "rule_broken",
      "Avatar must be a URL, not base64 data. Upload the picture instead.",
    );
  }
  if (url.length > 2_000) throw new ParlorError("rule_broken", "Avatar URL too long (max 2000 chars)");
  if (!isOwnPicture(url) && !isAvatarUrl(url)) {
    throw new ParlorError("rule_broken", "Avatar URL must start with http:// or https://");
  }
  return cleanText(url);
}

function profileChange(user: UserRow, update: ProfileUpdate): UserChange {
  const change: { -readonly [K in keyof UserChange]: UserChange[K] } = {};
  if (update.display_name !== undefined) change.display_name = nameField("Display name", update.display_name);
  const username = update.username ? nameField("Username", update.username) : null;
  // The seeds' front end sends both fields on every edit; an account's login name changes only when they differ.
  if (username !== null && !(user.account && username === change.display_name)) change.username = username;
  if (update.bio !== undefined) change.bio = update.bio || null;
  if (update.email !== undefined) Object.assign(change, emailChange(user, update.email));
  Object.assign(change, avatarChange(update), momentChange(update));
  const extras = { ...user.extras };
  for (const field of PROFILE_EXTRAS) {
    const value = update[field];
    if (value === "" || value === null) delete extras[field];
    else if (value !== undefined) extras[field] = value;
  }
  if (PROFILE_EXTRAS.some((field) => update[field] !== undefined)) change.extras = extras;
  return change;
}

/** What somebody says of their moment, and what they tell of themselves. Without an end a new status stays. */
function momentChange(update: ProfileUpdate): UserChange {
  const { status_emoji, status_text, status_until, read_receipts, show_last_seen } = update;
  const says = [status_emoji, status_text, status_until].some((field) => field !== undefined);
  return {
    ...(status_emoji === undefined ? {} : { status_emoji: status_emoji?.trim() || null }),
    ...(status_text === undefined ? {} : { status_text: status_text?.trim() || null }),
    ...(says ? { status_until: status_until ? new Date(status_until) : null } : {}),
    ...(read_receipts === undefined ? {} : { read_receipts }),
    ...(show_last_seen === undefined ? {} : { show_last_seen }),
  };
}

function nameField(label: string, value: string | null): string | null {
  const name = (value ?? "").trim();
  if (name === "") return null;
  if (name.length < 2 || nameKey(name) === "") {
    throw new ParlorError("rule_broken", `${label} must be at least 2 characters`);
  }
  return name;
}

function emailChange(user: UserRow, email: string | null): UserChange {
  const address = (email ?? "").trim();
  if (address !== "" && !/^[^\s@]+@[^\s@]+$/.test(address)) {
    throw new ParlorError("rule_broken", "This is not an e-mail address.");
  }
  const same = address.toLowerCase() === (user.email ?? "").toLowerCase();
  return { email: address || null, email_verified: same && user.email_verified };
}

function avatarChange(update: ProfileUpdate): UserChange {
  const urls = update.avatar_urls ?? null;
  if (urls) for (const url of Object.values(urls)) if (url) checkAvatarUrl(url);
  if (update.avatar_url === undefined && update.avatar_urls === undefined) return {};
  const single = update.avatar_url ? checkAvatarUrl(update.avatar_url) : null;
  const fromSizes = urls?.medium || urls?.large || urls?.small || urls?.thumbnail || null;
  // An explicit choice outranks what joins said, also the choice of none.
  return {
    avatar_url: update.avatar_url === undefined ? fromSizes : single,
    avatar_urls: urls && (single || fromSizes) ? urls : null,
    given_avatar_url: null,
  };
}
