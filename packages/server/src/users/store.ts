import type { Query, TransactionSql } from "../db/database.js";
import type { UserRow } from "./user.js";

/** The fields of a user that a change can set. */
export interface UserChange {
  readonly username?: string | null;
  readonly display_name?: string | null;
  readonly username_key?: string | null;
  readonly shown_name?: string;
  readonly shown_key?: string;
  readonly bio?: string | null;
  readonly email?: string | null;
  readonly email_verified?: boolean;
  readonly avatar_url?: string | null;
  readonly avatar_urls?: UserRow["avatar_urls"];
  readonly given_avatar_url?: string | null;
  readonly placeholder_url?: string | null;
  readonly extras?: UserRow["extras"];
  readonly password_hash?: string | null;
  readonly account?: boolean;
  readonly held?: boolean;
  readonly status_emoji?: string | null;
  readonly status_text?: string | null;
  readonly status_until?: Date | null;
  readonly read_receipts?: boolean;
  readonly show_last_seen?: boolean;
}

/**
 * Takes the next `profile_rev`, or several; answers the last. Its row lock makes changes of profiles one after the other, in commit order; it is the
 * first lock that such a transaction takes.
 */
export async function nextProfileRev(tx: Query, count = 1): Promise<number> {
  const [row] = await tx<{ value: number }[]>`
    update counters set value = value + ${count}::bigint where name = 'profile_rev' returning value`;
  if (!row) throw new Error("The counter profile_rev is missing.");
  return row.value;
}

/** The newest `profile_rev`. */
export async function currentProfileRev(sql: Query): Promise<number> {
  const [row] = await sql<{ value: number }[]>`select value from counters where name = 'profile_rev'`;
  return row?.value ?? 0;
}

/** A user by id. */
export async function findUser(sql: Query, id: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`select * from users where id = ${id}`;
  return row ?? null;
}

/** Several users by id, in no order. */
export async function findUsers(sql: Query, ids: readonly string[]): Promise<UserRow[]> {
  return await sql<UserRow[]>`select * from users where id = any (${ids as string[]})`;
}

/** The account that logs in under a name. */
export async function findAccountByKey(sql: Query, key: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`select * from users where account and username_key = ${key}`;
  return row ?? null;
}

/** The oldest account with an e-mail, one whose e-mail is verified first. */
export async function findAccountByEmail(sql: Query, email: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`
    select * from users where account and lower(email) = lower(${email})
    order by email_verified desc, created_at, id limit 1`;
  return row ?? null;
}

/**
 * Whether an account other than `exceptId` is known under one of these keys: by its username, or by its shown name once
 * a session of it was presented. One that is still open (the seeds' script leaves such behind) protects no shown name.
 */
export async function isHeldByAccount(
  sql: Query,
  keys: readonly string[],
  exceptId: string,
): Promise<boolean> {
  const rows = await sql`
    select 1 from users
    where account and id <> ${exceptId}
      and (username_key = any (${keys as string[]}) or held and shown_key = any (${keys as string[]}))
    limit 1`;
  return rows.length > 0;
}

/** Stores a new user; `null` when the id is taken. */
export async function insertUser(
  tx: TransactionSql,
  user: UserChange & { id: string; shown_name: string; shown_key: string; profile_rev: number },
): Promise<UserRow | null> {
  const values = { ...user, first_rev: user.profile_rev };
  const [row] = await tx<UserRow[]>`insert into users ${tx(values)} on conflict (id) do nothing returning *`;
  return row ?? null;
}

/** Changes a user and gives it the number `profileRev`. */
export async function changeUser(
  tx: TransactionSql,
  id: string,
  change: UserChange,
  profileRev: number,
): Promise<UserRow | null> {
  const values = { ...change, profile_rev: profileRev, updated_at: new Date() };
  const [row] = await tx<UserRow[]>`update users set ${tx(values)} where id = ${id} returning *`;
  return row ?? null;
}

/**
 * Shows every guest under a key, and every open account there if asked, with a mark behind the name. Each takes a
 * `profile_rev` of its own, so that no page of profiles ends between two with the same; the counter is locked.
 */
export async function renameGuests(
  tx: TransactionSql,
  rename: { key: string; mark: string; exceptId: string; openAccounts: boolean },
): Promise<UserRow[]> {
  const { key, mark, exceptId, openAccounts } = rename;
  return await tx<UserRow[]>`
    with due as (
      select id, row_number() over (order by created_at, id) as place from users
      where (not account or ${openAccounts} and not held) and id <> ${exceptId} and shown_key = ${key}
    ), taken as (
      update counters set value = value + (select count(*) from due) where name = 'profile_rev'
      returning value - (select count(*) from due) as before
    )
    update users u set shown_name = shown_name || ${mark}, shown_key = shown_key || ${mark},
      profile_rev = taken.before + due.place, updated_at = now()
    from due, taken where u.id = due.id
    returning u.*`;
}

/** Marks users as held; answers those that were open until now. */
export async function holdUsers(sql: Query, ids: readonly string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    update users set held = true where id = any (${ids as string[]}) and not held returning id`;
  return rows.map((row) => row.id);
}

/** The newest users, below `before` (an id) when given. */
export async function listUsers(sql: Query, limit: number, before: string | undefined): Promise<UserRow[]> {
  return await sql<UserRow[]>`
    select * from users
    ${before === undefined ? sql`` : sql`where (created_at, id) < (select created_at, id from users where id = ${before})`}
    order by created_at desc, id desc limit ${limit}`;
}

/** How many users there are. */
export async function countUsers(sql: Query): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*) as n from users`;
  return row?.n ?? 0;
}

/** Notes that users were there in this minute. It is no change of their profiles. */
export async function noteSeen(sql: Query, ids: readonly string[]): Promise<void> {
  await sql`
    update users set last_seen_at = date_trunc('minute', now())
    where id = any (${ids as string[]}) and last_seen_at is distinct from date_trunc('minute', now())`;
}
