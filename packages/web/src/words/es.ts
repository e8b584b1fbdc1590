import { chat } from "./es/chat.js";
import { common } from "./es/common.js";
import { connection } from "./es/connection.js";
import { errors } from "./es/errors.js";
import { files } from "./es/files.js";
import { find } from "./es/find.js";
import { keys } from "./es/keys.js";
import { notifications } from "./es/notifications.js";
import { people } from "./es/people.js";
import { profile } from "./es/profile.js";
import { rooms } from "./es/rooms.js";
import { session } from "./es/session.js";
import { time } from "./es/time.js";
import { update } from "./es/update.js";

/** Every visible text in Spanish. */
export const es: Words = {
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
