import { chat } from "./de/chat.js";
import { common } from "./de/common.js";
import { connection } from "./de/connection.js";
import { errors } from "./de/errors.js";
import { files } from "./de/files.js";
import { find } from "./de/find.js";
import { keys } from "./de/keys.js";
import { notifications } from "./de/notifications.js";
import { people } from "./de/people.js";
import { profile } from "./de/profile.js";
import { rooms } from "./de/rooms.js";
import { session } from "./de/session.js";
import { time } from "./de/time.js";
import { update } from "./de/update.js";

/** Every visible text in German. */
export const de: Words = {
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
