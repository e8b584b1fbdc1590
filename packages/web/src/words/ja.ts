import { chat } from "./ja/chat.js";
import { common } from "./ja/common.js";
import { connection } from "./ja/connection.js";
import { errors } from "./ja/errors.js";
import { files } from "./ja/files.js";
import { find } from "./ja/find.js";
import { keys } from "./ja/keys.js";
import { notifications } from "./ja/notifications.js";
import { people } from "./ja/people.js";
import { profile } from "./ja/profile.js";
import { rooms } from "./ja/rooms.js";
import { session } from "./ja/session.js";
import { time } from "./ja/time.js";
import { update } from "./ja/update.js";

/** Every visible text in Japanese. */
export const ja: Words = {
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
