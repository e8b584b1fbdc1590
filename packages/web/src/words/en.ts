import { chat } from "./en/chat.js";
import { common } from "./en/common.js";
import { connection } from "./en/connection.js";
import { errors } from "./en/errors.js";
import { files } from "./en/files.js";
import { find } from "./en/find.js";
import { keys } from "./en/keys.js";
import { notifications } from "./en/notifications.js";
import { people } from "./en/people.js";
import { profile } from "./en/profile.js";
import { rooms } from "./en/rooms.js";
import { session } from "./en/session.js";
import { time } from "./en/time.js";
import { update } from "./en/update.js";

/** Every visible text in English. */
export const en = {
  common,
  time,
  errors,
  session,
  rooms,
  chat,
  people,
  keys,
  notifications,
  find,
  files,
  connection,
  profile,
  update,
};

/** What a translation has to supply: the same keys, functions with the same arguments. */
export type Words = typeof en;
