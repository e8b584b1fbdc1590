import { ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import type { RateLimits } from "../http/limits.js";
import type { OriginPolicy } from "../http/origin.js";
import { route } from "../http/route.js";
import type { Logger } from "../log.js";
import { errorCode } from "../startup-error.js";
import { accountOf, type Caller, hasPresented } from "../users/caller.js";
import { nameKey } from "../users/name.js";
import type { UsersService } from "../users/service.js";
import { toUser } from "../users/user.js";
import type { Mailer } from "./mailer.js";
import type { Passwords } from "./password.js";
import type { SessionsService } from "./service.js";

/** Shortest password of a signup, as the seeds' backend has it. */
const SIGNUP_PASSWORD = 6;
/** Shortest new password of a profile. */
const NEW_PASSWORD = 8;

/** Routes that begin, change and end sessions. */
export function registerSessionRoutes(
  app: FastifyInstance,
  parts: {
    users: UsersService;
    sessions: SessionsService;
    passwords: Passwords;
    limits: RateLimits;
    mailer: Mailer | null;
    origins: OriginPolicy;
    /** Where links in mails lead when the request came from no front end that is known. */
    linkBase: string;
    log: Logger;
  },
): void {
  const { users, sessions, passwords, limits, mailer, log } = parts;

  route(app, "createUser", async ({ body, caller }) => {
    const { user, token } = await sessions.createGuest(caller, body.username, body.want_token ?? false);
    return { ...toUser(user, true), ...(token === undefined ? {} : { token }) };
  });

  route(app, "signup", async ({ body, caller }) => {
    limits.costly(caller.ip);
    requireLength(body.password, SIGNUP_PASSWORD);
    if (await users.findAccountByName(body.username)) throw new ParlorError("name_taken");
    const passwordHash = await passwords.hash(body.password);
    const account = { username: body.username, email: body.email ?? null, passwordHash };
    const { user, token } = await sessions.signUp(caller, account);
    return { user: toUser(user, true), token };
  });

  route(app, "login", async ({ body, caller }) => {
    const user = await limits.guess(caller.ip, `login ${nameKey(body.username)}`, async () => {
      const found = await users.findAccountByName(body.username);
      const right = await passwords.verify(found?.password_hash ?? null, body.password);
      if (!found || !right) throw new ParlorError("wrong_login");
      return found;
    });
    const token = await sessions.logIn(caller, user.id);
    return { user: toUser(user, true), token };
  });

  route(app, "me", async ({ caller }) => {
    const id = accountOf(caller);
    const user = id === null ? null : await users.find(id);
    if (!user) throw new ParlorError("session_required");
    return toUser(user, true);
  });

  route(app, "logout", async ({ caller }) => {
    await sessions.logOut(caller);
    return { success: true };
  });

  route(app, "setPassword", async ({ params, body, caller }) => {
    const user = await sessions.authorize(caller, params.user_id);
    if (!user) throw new ParlorError("user_not_found");
    requireLength(body.new_password, NEW_PASSWORD);
    if (user.account) {
      if (!hasPresented(caller, user.id)) throw new ParlorError("session_required");
      await checkCurrent(user.password_hash, user.id, body.current_password ?? null, caller);
    } else {
      limits.costly(caller.ip);
    }
    await sessions.setPassword(caller, user, await passwords.hash(body.new_password));
    return { success: true };
  });

  async function checkCurrent(stored: string | null, userId: string, current: string | null, caller: Caller) {
    if (current === null || stored === null) return;
    await limits.guess(caller.ip, `password ${userId}`, async () => {
      if (!(await passwords.verify(stored, current))) throw new ParlorError("wrong_password");
    });
  }

  route(app, "requestMagicLink", async ({ body, caller, request }) => {
    if (!mailer) throw new ParlorError("no_mailer");
    limits.costly(caller.ip);
    limits.mail(caller.ip, body.email.toLowerCase());
    const token = await sessions.createMagicLink(body.email);
    const { origin } = request.headers;
    // Never from the Host header alone: a forged one would lead the link to somebody else's server.
    const known = parts.origins.allowsListed(origin) && origin ? origin : parts.linkBase;
    // Not awaited: the answer takes as long for an address that the mail server refuses.
    mailer
      .sendMagicLink(body.email, `${known}/auth/verify?token=${token}`)
      // The error's own text names the address.
      .catch((error: unknown) => log.error({ code: errorCode(error) }, "a sign-in link could not be sent"));
    return { success: true, message: "If the address is right, a sign-in link is on its way." };
  });

  route(app, "verifyMagicLink", async ({ body, caller }) => {
    const email = await limits.guess(caller.ip, "magic link", () => sessions.takeMagicLink(body.token));
    const known = await users.findAccountByEmail(email);
    if (!known) {
      const { user, token } = await signUpByMail(caller, email);
      return { user: toUser(user, true), access_token: token };
    }
    // Whoever typed this address at a signup has not shown that it is theirs: the first link takes the account over,
    // and an old password and old sessions end.
    const first = !known.email_verified;
    if (first) await users.change(known.id, () => ({ email_verified: true, password_hash: null }));
    const token = await sessions.logIn(caller, known.id, { endOthers: first });
    const user = await users.require(known.id);
    return { user: toUser(user, true), access_token: token };
  });

  /** An account for a new address, named after it; when the name is taken a number follows. */
  async function signUpByMail(caller: Caller, email: string) {
    const stem = (email.split("@")[0] ?? "").slice(0, 60).padEnd(2, "_");
    for (let attempt = 0; ; attempt++) {
      const username = attempt === 0 ? stem : `${stem}-${Math.floor(1_000 + Math.random() * 9_000)}`;
      try {
        return await sessions.signUp(caller, { username, email, passwordHash: null, emailVerified: true });
      } catch (error) {
        const taken = error instanceof ParlorError && error.code === "name_taken";
        if (!taken || attempt >= 10) throw error;
      }
    }
  }
}

function requireLength(password: string, least: number): void {
  if ([...password].length < least) {
    throw new ParlorError("rule_broken", `Password must be at least ${least} characters`);
  }
}
