import { chat } from "./ar/chat.js";
import { common } from "./ar/common.js";
import { connection } from "./ar/connection.js";
import { errors } from "./ar/errors.js";
import { files } from "./ar/files.js";
import { find } from "./ar/find.js";
import { keys } from "./ar/keys.js";
import { notifications } from "./ar/notifications.js";
import { people } from "./ar/people.js";
import { profile } from "./ar/profile.js";
import { rooms } from "./ar/rooms.js";
import { session } from "./ar/session.js";
import { time } from "./ar/time.js";
import { update } from "./ar/update.js";

/** Every visible text in Arabic. */
export const ar: Words = {
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

import type { Words } from "./en.js";
