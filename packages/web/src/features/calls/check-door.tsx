import { type ComponentType, lazy } from "react";

const Page: ComponentType = lazy(async () => ({ default: (await import("./check-page.js")).CheckPage }));

/** The page of the check, loaded when it is opened: few want it. */
export function CheckDoor() {
  return <Page />;
}
