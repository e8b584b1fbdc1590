import { useEffect } from "react";
import { useRoute } from "wouter";
import { type Part, part } from "../../ui/part.js";
import { roomIdOfPath } from "../rooms/public.js";
import { leaveCalls, useCalls } from "./call-store.js";
import { Ringing } from "./ringing.js";

const LiveCall: Part<{
  current: NonNullable<ReturnType<typeof useCalls>["current"]>;
  userId: string;
  isAway: boolean;
}> = part(async () => (await import("./screens.js")).LiveCall);

/** What calls need on every page: the one that goes on, and those that ring. Give it its user as its `key`. */
export function CallHost({ userId }: { userId: string }) {
  const { current } = useCalls();
  const [, params] = useRoute("/r/:id");
  // Whoever goes (to another account, or for good) takes nobody's call along, and leaves none behind.
  useEffect(() => leaveCalls, []);
  const shownRoom = params ? roomIdOfPath(params.id) : null;
  return (
    <>
      {current ? (
        <LiveCall
          key={current.roomId}
          current={current}
          userId={userId}
          isAway={shownRoom !== current.roomId}
        />
      ) : null}
      <Ringing userId={userId} />
    </>
  );
}
