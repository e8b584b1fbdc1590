import { randomUUID } from "node:crypto";
import type { Query } from "../db/database.js";

/** A device session as its cookie finds it. */
export interface DeviceRow {
  readonly id: string;
  readonly rotation: number;
  readonly used_at: Date;
  readonly users: readonly { id: string; account: boolean; held: boolean }[];
}

/** A Bearer token's session. */
export interface TokenRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly rotation: number;
  readonly used_at: Date;
  readonly held: boolean;
}

/** A session that ended: a user's on one device. */
export interface EndedSession {
  readonly user_id: string;
  readonly device_id: string;
}

const lifetime = "400 days";

/** The living devices with these cookies, by the hash of the cookie. */
export async function findDevices(
  sql: Query,
  secretHashes: readonly string[],
): Promise<Map<string, DeviceRow>> {
  const rows = await sql<(DeviceRow & { secret_hash: string })[]>`
    select s.secret_hash, d.id, d.rotation, d.used_at, ${usersOf(sql)} as users
    from device_secrets s join devices d on d.id = s.device_id
    where s.secret_hash = any (${secretHashes as string[]}) and d.expires_at > now()`;
  return new Map(rows.map(({ secret_hash, ...device }) => [secret_hash, device]));
}

/** A living device by its id. */
export async function findDeviceById(sql: Query, id: string): Promise<DeviceRow | null> {
  const [row] = await sql<DeviceRow[]>`
    select d.id, d.rotation, d.used_at, ${usersOf(sql)} as users
    from devices d where d.id = ${id} and d.expires_at > now()`;
  return row ?? null;
}

function usersOf(sql: Query) {
  return sql`coalesce((
      select jsonb_agg(jsonb_build_object('id', u.id, 'account', u.account, 'held', u.held))
      from device_users du join users u on u.id = du.user_id where du.device_id = d.id), '[]')`;
}

/** The living sessions with these tokens, by the hash of the token. */
export async function findTokens(sql: Query, tokenHashes: readonly string[]): Promise<Map<string, TokenRow>> {
  const rows = await sql<(TokenRow & { token_hash: string })[]>`
    select t.token_hash, t.user_id, t.device_id, d.rotation, t.used_at, u.held
    from tokens t join devices d on d.id = t.device_id join users u on u.id = t.user_id
    where t.token_hash = any (${tokenHashes as string[]}) and t.expires_at > now()`;
  return new Map(rows.map(({ token_hash, ...token }) => [token_hash, token]));
}

/** Makes a device. */
export async function insertDevice(sql: Query, id: string): Promise<void> {
  await sql`insert into devices (id, expires_at) values (${id}, now() + ${lifetime}::interval)`;
}

/** Lets a secret open a device. */
export async function addSecret(sql: Query, deviceId: string, secretHash: string): Promise<void> {
  await sql`insert into device_secrets (secret_hash, device_id) values (${secretHash}, ${deviceId}) on conflict do nothing`;
}

/** Makes a device with its secret and its first user. */
export async function insertDeviceOf(
  sql: Query,
  { deviceId, userId, secretHash }: { deviceId: string; userId: string; secretHash: string },
): Promise<void> {
  await sql`
    with device as (
      insert into devices (id, expires_at) values (${deviceId}, now() + ${lifetime}::interval) returning id
    ), secret as (
      insert into device_secrets (secret_hash, device_id) select ${secretHash}, id from device
    )
    insert into device_users (device_id, user_id) select id, ${userId} from device`;
}

/** Ends every cookie value of a device; answers its new rotation. */
export async function rotateDevice(sql: Query, deviceId: string): Promise<number> {
  await sql`delete from device_secrets where device_id = ${deviceId}`;
  const [row] = await sql<{ rotation: number }[]>`
    update devices set rotation = rotation + 1 where id = ${deviceId} returning rotation`;
  return row?.rotation ?? 0;
}

/** Use extends a session. */
export async function touchDevice(sql: Query, deviceId: string): Promise<void> {
  await sql`update devices set used_at = now(), expires_at = now() + ${lifetime}::interval where id = ${deviceId}`;
}

/** Use extends a session, and its device: with the device the token would go. */
export async function touchToken(sql: Query, tokenHash: string): Promise<void> {
  await sql`
    with touched as (
      update tokens set used_at = now(), expires_at = now() + ${lifetime}::interval
      where token_hash = ${tokenHash} returning device_id)
    update devices d set expires_at = now() + ${lifetime}::interval from touched t where d.id = t.device_id`;
}

/** Adds a user to a device. */
export async function addDeviceUser(sql: Query, deviceId: string, userId: string): Promise<void> {
  await sql`insert into device_users (device_id, user_id) values (${deviceId}, ${userId}) on conflict do nothing`;
}

/** Gives the guests and room grants of one device to another too. */
export async function mergeDevice(sql: Query, fromId: string, toId: string): Promise<void> {
  await sql`
    insert into device_users (device_id, user_id)
    select ${toId}, du.user_id from device_users du join users u on u.id = du.user_id
    where du.device_id = ${fromId} and not u.account
    on conflict do nothing`;
  await sql`
    insert into device_grants (device_id, room_id)
    select ${toId}, room_id from device_grants where device_id = ${fromId} on conflict do nothing`;
}

/** Stores a token of a user on a device. */
export async function insertToken(
  sql: Query,
  tokenHash: string,
  userId: string,
  deviceId: string,
): Promise<void> {
  await sql`
    insert into tokens (token_hash, user_id, device_id, expires_at)
    values (${tokenHash}, ${userId}, ${deviceId}, now() + ${lifetime}::interval)`;
}

/**
 * Gives every token of another user than `userId` on a device a device of its own. A token can ask for its device's
 * cookie, and whoever planted this device's cookie in a browser may have kept a guest's token of it.
 */
export async function detachOtherTokens(sql: Query, deviceId: string, userId: string): Promise<void> {
  const others = await sql<{ user_id: string }[]>`
    select distinct user_id from tokens where device_id = ${deviceId} and user_id <> ${userId}`;
  for (const other of others) {
    const ownId = randomUUID();
    await insertDevice(sql, ownId);
    await addDeviceUser(sql, ownId, other.user_id);
    await sql`
      update tokens set device_id = ${ownId} where device_id = ${deviceId} and user_id = ${other.user_id}`;
  }
}

/** Ends the accounts on a device but `exceptUserId`; guests stay. */
export async function endAccounts(
  sql: Query,
  deviceId: string,
  exceptUserId: string,
): Promise<EndedSession[]> {
  await sql`
    delete from tokens t using users u
    where t.device_id = ${deviceId} and u.id = t.user_id and u.account and u.id <> ${exceptUserId}`;
  return await sql<EndedSession[]>`
    delete from device_users du using users u
    where du.device_id = ${deviceId} and u.id = du.user_id and u.account and u.id <> ${exceptUserId}
    returning du.user_id, du.device_id`;
}

/**
 * Ends a user's sessions on every device but `exceptDeviceIds`. With `exceptTokenHash` that token alone stays, on these
 * devices too: an older one of theirs may be in other hands.
 */
export async function endOtherSessions(
  sql: Query,
  userId: string,
  exceptDeviceIds: readonly string[],
  exceptTokenHash: string | null,
): Promise<EndedSession[]> {
  await sql`
    delete from tokens where user_id = ${userId} and token_hash is distinct from ${exceptTokenHash}
      and (${exceptTokenHash}::text is not null or device_id <> all (${exceptDeviceIds as string[]}))`;
  return await sql<EndedSession[]>`
    delete from device_users where user_id = ${userId} and device_id <> all (${exceptDeviceIds as string[]})
    returning user_id, device_id`;
}

/** Takes a device's room grants away. */
export async function dropGrants(sql: Query, deviceId: string): Promise<void> {
  await sql`delete from device_grants where device_id = ${deviceId}`;
}

/** Deletes what has expired; answers the sessions that ended so. */
export async function deleteExpired(sql: Query): Promise<EndedSession[]> {
  await sql`delete from magic_links where expires_at < now()`;
  const tokens = await sql<
    EndedSession[]
  >`delete from tokens where expires_at < now() returning user_id, device_id`;
  const users = await sql<EndedSession[]>`
    delete from device_users du using devices d where d.id = du.device_id and d.expires_at < now()
    returning du.user_id, du.device_id`;
  await sql`delete from devices where expires_at < now()`;
  return [...tokens, ...users];
}

/** Keeps a sign-in link for 15 minutes. */
export async function insertMagicLink(sql: Query, tokenHash: string, email: string): Promise<void> {
  await sql`
    insert into magic_links (token_hash, email, expires_at) values (${tokenHash}, ${email}, now() + interval '15 minutes')`;
}

/** Uses a sign-in link up; answers its address when it was valid. */
export async function takeMagicLink(sql: Query, tokenHash: string): Promise<string | null> {
  const [row] = await sql<{ email: string; valid: boolean }[]>`
    delete from magic_links where token_hash = ${tokenHash} returning email, expires_at > now() as valid`;
  return row?.valid ? row.email : null;
}

/** The id of this database's instance, 8 hex digits: it names the cookie. */
export async function instanceId(sql: Query): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select id from instance limit 1`;
  if (!row) throw new Error("The table instance is empty.");
  return row.id;
}

/** The accounts that are signed in on one of the devices. */
export async function accountsOn(sql: Query, deviceIds: readonly string[]): Promise<string[]> {
  const ids = deviceIds as string[];
  const rows = await sql<{ id: string }[]>`
    select u.id from users u
    where u.account and u.id in (
      select user_id from device_users where device_id = any (${ids})
      union all
      select user_id from tokens where device_id = any (${ids}))`;
  return rows.map(({ id }) => id);
}

/** Whether a user has a session on one of the devices. */
export async function isOnOneOf(sql: Query, userId: string, deviceIds: readonly string[]): Promise<boolean> {
  const rows = await sql`
    select 1 from device_users where user_id = ${userId} and device_id = any (${deviceIds as string[]})
    union all
    select 1 from tokens where user_id = ${userId} and device_id = any (${deviceIds as string[]}) limit 1`;
  return rows.length > 0;
}
