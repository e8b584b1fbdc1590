import { type Part, part } from "../../ui/part.js";

const Page: Part<object> = part(async () => (await import("./check-page.js")).CheckPage, {
  failing: "place",
});

/** The page of the check, loaded when it is opened: few want it. */
export function CheckDoor() {
  return <Page />;
}
