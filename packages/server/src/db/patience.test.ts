import { expect, test } from "vitest";
import { createLog } from "../log.js";
import { throughTrouble } from "./patience.js";
import { NotSent } from "./trouble.js";

const log = createLog("silent", false);

function failing(errors: readonly Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return "done";
  };
}

test("[OPS5] the start waits for a database that broke, that is refused before it is asked, and that starts", async () => {
  const away = [
    Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
    new NotSent("the database can not be reached", false),
    Object.assign(new Error("the database system is starting up"), { code: "57P03" }),
  ];
  expect(await throughTrouble(log, failing(away))).toBe("done");
});

test("[OPS5] what waiting does not mend is told at once", async () => {
  const refused = Object.assign(new Error("password authentication failed"), { code: "28P01" });
  await expect(throughTrouble(log, failing([refused]))).rejects.toBe(refused);
});
