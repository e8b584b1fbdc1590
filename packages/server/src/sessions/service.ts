import { randomUUID } from "node:crypto";
import { ParlorError } from "@parlor/protocol";
import { createLookup } from "../batcher.js";
import { isConnectionLost } from "../db/connection-lost.js";
import type { Database, Query } from "../db/database.js";
import { type Access, accountOf, type Caller, devicesOf, hasPresented } from "../users/caller.js";
import type { UsersService } from "../users/service.js";
import type { UserRow } from "../users/user.js";
import { cookieSecretOf, hashSecret, newSecret } from "./secret.js";
import * as store from "./store.js";

/** A session's end is extended at most so often. */
const TOUCH_AFTER = 24 * 60 * 60 * 1000;

/** What a request or a handshake brings. */
export interface Credentials {
  readonly token: string | null;
  readonly cookie: string | null;
  readonly base: string;
  readonly ip: string;
  /** Whether an `Origin` was sent that is allowed: only then may a cookie be set for a Bearer token. */
  readonly fromAllowedOrigin: boolean;
}

/** What happens to sessions, told after the commit. */
export interface SessionEvents {
  /** These users were open until now: sockets without their session end. */
  held(userIds: readonly string[]): void;
  /** These sessions ended: their sockets end. */
  ended(sessions: readonly store.EndedSession[]): void;
}

export type SessionsService = ReturnType<typeof createSessions>;

/** Sessions: who may act for whom (docs/SPEC.md, AUTH). */
export function createSessions(parts: { database: Database; users: UsersService; requireSession: boolean }) {
  const { database, users, requireSession } = parts;
  const { sql } = database;
  const findDevice = createLookup((hashes: readonly string[]) => store.findDevices(sql, hashes));
  const findToken = createLookup((hashes: readonly string[]) => store.findTokens(sql, hashes));
  const listeners: SessionEvents[] = [];
  const grantListeners: ((deviceIds: readonly string[]) => void)[] = [];
  const renewalListeners: ((userId: string, deviceIds: readonly string[]) => void)[] = [];
  const tellRenewed = (userId: string, deviceIds: readonly string[]) => {
    for (const listener of renewalListeners) listener(userId, deviceIds);
  };
  const doubtListeners: ((userIds: readonly string[], deviceIds: readonly string[]) => void)[] = [];
  const tellHeld = (ids: readonly string[]) => {
    if (ids.length > 0) for (const listener of listeners) listener.held(ids);
  };
  const tellEnded = (sessions: readonly store.EndedSession[]) => {
    if (sessions.length > 0) for (const listener of listeners) listener.ended(sessions);
  };

  /**
   * Runs what ends sessions of a user, or others on the caller's devices. When the database is lost on the way nobody
   * knows whether it was committed.
   */
  async function ending<T>(caller: Caller, userId: string | null, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (isConnectionLost(error)) {
        const userIds = [userId, caller.bearer?.userId, caller.device?.accountId].filter((id) => id != null);
        for (const listener of doubtListeners) listener(userIds, devicesOf(caller));
      }
      throw error;
    }
  }

  async function presentDevice(cookie: string | null, caller: Caller): Promise<store.DeviceRow | null> {
    const row = cookie === null ? null : await findDevice(hashSecret(cookie));
    if (row && Date.now() - row.used_at.getTime() > TOUCH_AFTER) {
      await store.touchDevice(sql, row.id);
      caller.newCookie = cookie;
    }
    return row;
  }

  async function presentToken(token: string | null): Promise<store.TokenRow | null> {
    if (token === null) return null;
    const tokenHash = hashSecret(token);
    const row = await findToken(tokenHash);
    if (row && Date.now() - row.used_at.getTime() > TOUCH_AFTER) await store.touchToken(sql, tokenHash);
    return row;
  }

  /** The browser that sent a token lacks the cookie of its session, which a WebSocket will need. */
  async function lendCookie(caller: Caller, token: string, row: store.TokenRow): Promise<void> {
    const secret = cookieSecretOf(token, row.rotation);
    await store.addSecret(sql, row.device_id, hashSecret(secret));
    if (caller.device) await store.mergeDevice(sql, caller.device.id, row.device_id);
    caller.newCookie = secret;
  }

  /** After the commit: the answer carries the new session, and the rest of this request has it. */
  function adopt(
    caller: Caller,
    userId: string,
    attached: { deviceId: string; cookie?: string } | undefined,
  ): void {
    if (attached === undefined) return;
    if (attached.cookie !== undefined) caller.newCookie = attached.cookie;
    const { accountId = null, userIds = [] } = caller.device ?? {};
    caller.device = { id: attached.deviceId, userIds: new Set([...userIds, userId]), accountId };
  }

  /** Adds a user to the caller's device, which is made when there is none. */
  async function attach(
    tx: Query,
    caller: Caller,
    userId: string,
  ): Promise<{ deviceId: string; cookie?: string }> {
    const known = caller.device?.id ?? caller.bearer?.deviceId;
    if (known) {
      await store.addDeviceUser(tx, known, userId);
      return { deviceId: known };
    }
    const deviceId = randomUUID();
    const cookie = newSecret();
    await store.insertDeviceOf(tx, { deviceId, userId, secretHash: hashSecret(cookie) });
    return { deviceId, cookie };
  }

  /**
   * Signs a user in on the caller's device (at most one account there), with a new token and a renewed cookie, so that
   * a cookie which somebody planted is worth nothing afterwards.
   */
  async function signIn(tx: Query, caller: Caller, userId: string) {
    const { deviceId } = await attach(tx, caller, userId);
    const ended = await store.endAccounts(tx, deviceId, userId);
    await store.detachOtherTokens(tx, deviceId, userId);
    const token = newSecret();
    const tokenHash = hashSecret(token);
    await store.insertToken(tx, tokenHash, userId, deviceId);
    const cookie = cookieSecretOf(token, await store.rotateDevice(tx, deviceId));
    await store.addSecret(tx, deviceId, hashSecret(cookie));
    return { token, tokenHash, cookie, ended, deviceId };
  }

  /** Throws when the caller may not act for the user. */
  function requireRight(caller: Caller, user: UserRow): void {
    if (hasPresented(caller, user.id) || (!user.held && !requireSession)) return;
    if (!user.account) throw new ParlorError("not_your_identity");
    throw new ParlorError(accountOf(caller) === null ? "session_required" : "not_your_identity");
  }

  const access: Access = {
    async authorize(caller, userId) {
      const user = await users.find(userId);
      if (user) requireRight(caller, user);
      return user;
    },
  };

  return {
    ...access,

    /** Tells of holds and ends of sessions. */
    listen(listener: SessionEvents): void {
      listeners.push(listener);
    },

    /** Calls `listener` when devices lost their grants of password rooms, after the commit. */
    onGrantsDropped(listener: (deviceIds: readonly string[]) => void): void {
      grantListeners.push(listener);
    },

    /**
     * Calls `listener` when a user's older tokens, and the older cookies of these devices, became worth nothing, after the
     * commit. Sessions that are only renewed go on: of them no end is told.
     */
    onRenewed(listener: (userId: string, deviceIds: readonly string[]) => void): void {
      renewalListeners.push(listener);
    },

    /**
     * Calls `listener` when sessions of these users, and grants of these devices, may have ended: the database was lost
     * before it answered.
     */
    onDoubtful(listener: (userIds: readonly string[], deviceIds: readonly string[]) => void): void {
      doubtListeners.push(listener);
    },

    /** Finds out who calls. Presenting a session holds its users: from then on only it acts for them. */
    async resolve(credentials: Credentials): Promise<Caller> {
      const caller: Caller = {
        bearer: null,
        device: null,
        base: credentials.base,
        ip: credentials.ip,
        newCookie: null,
      };
      const [device, token] = await Promise.all([
        presentDevice(credentials.cookie, caller),
        presentToken(credentials.token),
      ]);
      const open: string[] = [];
      if (device) {
        const accountId = device.users.find((user) => user.account)?.id ?? null;
        caller.device = { id: device.id, userIds: new Set(device.users.map((user) => user.id)), accountId };
        open.push(...device.users.filter((user) => !user.held).map((user) => user.id));
      }
      if (token && credentials.token !== null) {
        const tokenHash = hashSecret(credentials.token);
        caller.bearer = { userId: token.user_id, deviceId: token.device_id, tokenHash };
        if (!token.held) open.push(token.user_id);
        if (credentials.fromAllowedOrigin && caller.device?.id !== token.device_id) {
          await lendCookie(caller, credentials.token, token);
        }
      }
      if (open.length > 0) tellHeld(await users.hold(open));
      return caller;
    },

    /** Makes a guest with a name; the answer carries its session. */
    async createGuest(
      caller: Caller,
      username: string,
      wantToken: boolean,
    ): Promise<{ user: UserRow; token?: string }> {
      const token = wantToken ? newSecret() : undefined;
      let attached: Awaited<ReturnType<typeof attach>> | undefined;
      const user = await users.createNamed({ username, held: requireSession }, async (tx, made) => {
        attached = await attach(tx, caller, made.id);
        if (token) await store.insertToken(tx, hashSecret(token), made.id, attached.deviceId);
      });
      adopt(caller, user.id, attached);
      return token === undefined ? { user } : { user, token };
    },

    /**
     * The user that a join, a message or a socket names: authorised when it was found (`known`), registered when not.
     * Only the request that really made the user gets its session.
     */
    async authorizeOrRegister(
      caller: Caller,
      userId: string,
      known: UserRow | null,
      offered: { username?: string | null; avatarUrl?: string | null },
    ): Promise<{ user: UserRow; registered: boolean }> {
      if (known) {
        requireRight(caller, known);
        return { user: await users.offer(users.remember(known), offered), registered: false };
      }
      let attached: Awaited<ReturnType<typeof attach>> | undefined;
      const { user, created } = await users.register(
        userId,
        { ...offered, held: requireSession },
        async (tx) => {
          attached = await attach(tx, caller, userId);
        },
      );
      if (!created) {
        const other = await access.authorize(caller, userId);
        return { user: other ?? user, registered: false };
      }
      adopt(caller, user.id, attached);
      return { user, registered: true };
    },

    /** The id of the caller's device session, which starts now when there is none. */
    async ensureDevice(caller: Caller): Promise<string> {
      const known = caller.device?.id ?? caller.bearer?.deviceId;
      if (known !== undefined) return known;
      const deviceId = randomUUID();
      const cookie = newSecret();
      await database.transaction(async (tx) => {
        await store.insertDevice(tx, deviceId);
        await store.addSecret(tx, deviceId, hashSecret(cookie));
      });
      caller.newCookie = cookie;
      caller.device = { id: deviceId, userIds: new Set(), accountId: null };
      return deviceId;
    },

    /** Makes an account and signs it in. */
    async signUp(
      caller: Caller,
      account: {
        username: string;
        email: string | null;
        passwordHash: string | null;
        emailVerified?: boolean;
      },
    ): Promise<{ user: UserRow; token: string }> {
      let session: Awaited<ReturnType<typeof signIn>> | undefined;
      const fields = {
        username: account.username,
        email: account.email,
        email_verified: account.emailVerified ?? false,
        password_hash: account.passwordHash,
        account: true,
        held: true,
      };
      const user = await ending(caller, null, () =>
        users.createNamed(fields, async (tx, made) => {
          session = await signIn(tx, caller, made.id);
        }),
      );
      if (!session) throw new ParlorError("internal");
      caller.newCookie = session.cookie;
      tellRenewed(user.id, [session.deviceId]);
      tellEnded(session.ended);
      return { user, token: session.token };
    },

    /** Signs a known account in; `fresh` ends its other sessions. */
    async logIn(caller: Caller, userId: string, options: { endOthers?: boolean } = {}): Promise<string> {
      const start = async (tx: Query) => {
        const started = await signIn(tx, caller, userId);
        const { deviceId, tokenHash } = started;
        const others = options.endOthers
          ? await store.endOtherSessions(tx, userId, [deviceId], tokenHash)
          : [];
        return { ...started, ended: [...started.ended, ...others] };
      };
      const session = await ending(caller, userId, () => database.transaction(start));
      caller.newCookie = session.cookie;
      tellRenewed(userId, [session.deviceId]);
      tellEnded(session.ended);
      tellHeld(await users.hold([userId]));
      return session.token;
    },

    /** Ends the account on the caller's devices, and the room grants of these; guests stay. */
    async logOut(caller: Caller): Promise<void> {
      const devices = devicesOf(caller);
      const ended: store.EndedSession[] = [];
      const end = async (tx: Query) => {
        for (const id of devices) {
          ended.push(...(await store.endAccounts(tx, id, "")));
          await store.dropGrants(tx, id);
        }
        if (caller.bearer) await tx`delete from tokens where token_hash = ${caller.bearer.tokenHash}`;
      };
      await ending(caller, null, () => database.transaction(end));
      tellEnded(ended);
      for (const listener of grantListeners) listener(devices);
    },

    /**
     * Stores a new password; a guest becomes an account. Asked with the user's session it ends the others and renews
     * this one's cookie; asked without (an open guest) it ends none.
     */
    async setPassword(caller: Caller, user: UserRow, passwordHash: string): Promise<void> {
      const presented = [
        caller.bearer?.userId === user.id ? caller.bearer.deviceId : undefined,
        caller.device?.userIds.has(user.id) ? caller.device.id : undefined,
      ].filter((id) => id !== undefined);
      let cookie: string | undefined;
      const ended: store.EndedSession[] = [];
      const decide = (current: UserRow) => {
        if (current.account !== user.account) throw new ParlorError("session_required");
        // The hash took its time: meanwhile the guest may have become somebody's who has a session.
        if (presented.length === 0 && current.held) throw new ParlorError("not_your_identity");
        if (current.username === null) {
          throw new ParlorError("rule_broken", "Choose a name before you set a password.");
        }
        return { password_hash: passwordHash, account: true };
      };
      const within = async (tx: Query) => {
        if (presented.length === 0) return;
        const { bearer, device } = caller;
        const lives =
          (bearer?.userId === user.id && (await store.findTokens(tx, [bearer.tokenHash])).size > 0) ||
          (device?.userIds.has(user.id) && (await store.isOnOneOf(tx, user.id, [device.id])));
        // Or the session ended meanwhile, as by the owner's own new password.
        if (!lives) throw new ParlorError("session_required");
        const tokenHash = caller.bearer?.userId === user.id ? caller.bearer.tokenHash : null;
        ended.push(...(await store.endOtherSessions(tx, user.id, presented, tokenHash)));
        for (const deviceId of presented) {
          ended.push(...(await store.endAccounts(tx, deviceId, user.id)));
          await store.detachOtherTokens(tx, deviceId, user.id);
          await store.rotateDevice(tx, deviceId);
        }
        const kept = caller.device?.userIds.has(user.id) ? caller.device.id : caller.bearer?.deviceId;
        if (kept === undefined) return;
        cookie = newSecret();
        await store.addSecret(tx, kept, hashSecret(cookie));
      };
      await ending(caller, user.id, () => users.change(user.id, decide, { within }));
      if (cookie !== undefined) caller.newCookie = cookie;
      tellRenewed(user.id, presented);
      tellEnded(ended);
    },

    /** Keeps a new sign-in link for an address; answers its token. */
    async createMagicLink(email: string): Promise<string> {
      const token = newSecret();
      await store.insertMagicLink(sql, hashSecret(token), email);
      return token;
    },

    /** Uses a sign-in link up; answers its address. */
    async takeMagicLink(token: string): Promise<string> {
      const email = await store.takeMagicLink(sql, hashSecret(token));
      if (email === null) throw new ParlorError("link_invalid");
      return email;
    },

    /** The accounts that are signed in on one of the devices. */
    accountsOn: (deviceIds: readonly string[]) => store.accountsOn(sql, deviceIds),

    /** Whether a user has a session on one of the devices. */
    isOnOneOf: (userId: string, deviceIds: readonly string[]) => store.isOnOneOf(sql, userId, deviceIds),

    /**
     * A caller whom a device alone stands for at this moment, or one user of it; for what a device was given earlier.
     * Address and quota are those of whoever asks.
     */
    async ofDevice(deviceId: string | null, userId: string | null, asking: Caller): Promise<Caller> {
      const { base, ip } = asking;
      const nobody: Caller = { bearer: null, device: null, base, ip, newCookie: null };
      const row = deviceId === null ? null : await store.findDeviceById(sql, deviceId);
      if (!row) return nobody;
      const here = row.users.filter(({ id }) => userId === null || id === userId);
      const accountId = here.find(({ account }) => account)?.id ?? null;
      return { ...nobody, device: { id: row.id, userIds: new Set(here.map(({ id }) => id)), accountId } };
    },

    /** Deletes expired sessions and ends their sockets. */
    async sweep(): Promise<void> {
      tellEnded(await store.deleteExpired(sql));
    },

    /** The name of the device cookie of this database. */
    cookieName: async () => `parlor_${await store.instanceId(sql)}`,
  };
}
