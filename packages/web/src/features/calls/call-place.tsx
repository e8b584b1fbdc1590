import type { Broadcast, RoomState } from "@parlor/client";
import { useState } from "react";
import { type Part, part } from "../../ui/part.js";
import { BroadcastBar } from "./broadcast-bar.js";
import type { BroadcastStageProps } from "./broadcast-stage.js";
import { CallBar } from "./call-bar.js";
import { setCalls, useCalls } from "./call-store.js";
import type { PreJoinProps } from "./pre-join.js";
import type { StageProps } from "./stage.js";

const Stage: Part<StageProps> = part(async () => (await import("./screens.js")).Stage);
const BroadcastStage: Part<BroadcastStageProps> = part(
  async () => (await import("./screens.js")).BroadcastStage,
);
const PreJoin: Part<PreJoinProps> = part(async () => (await import("./screens.js")).PreJoin);

interface CallPlaceProps {
  readonly state: RoomState;
  readonly userId: string;
  readonly roomName: string;
  /** A conversation of two: a call that begins rings. */
  readonly isDirect: boolean;
}

/** The call in its room's page: who is in it, the way in, and the call itself; beside it what somebody broadcasts. */
export function CallPlace({ state, userId, roomName, isDirect }: CallPlaceProps) {
  const { current, asked } = useCalls();
  const { roomId, call } = state;
  const here = current?.roomId === roomId ? current : null;
  const isIn = here !== null && asked !== roomId;
  const [watched, setWatched] = useState<Broadcast | null>(null);
  const live = state.broadcasts.filter(({ user_id }) => user_id !== userId);
  const isLive = live.some(({ user_id }) => user_id === watched?.user_id);
  return (
    <>
      {isIn ? (
        <Stage key={here.client.state.me.legId} current={here} userId={userId} />
      ) : watched ? (
        <BroadcastStage
          key={watched.user_id}
          roomId={roomId}
          userId={userId}
          broadcasterId={watched.user_id}
          name={state.profiles.get(watched.user_id)?.username ?? watched.username}
          isLive={state.status === "live" ? isLive : null}
          onClose={() => setWatched(null)}
        />
      ) : (
        <>
          {call ? <CallBar roomId={roomId} call={call} profiles={state.profiles} userId={userId} /> : null}
          {live.length > 0 ? (
            <BroadcastBar live={live} profiles={state.profiles} onWatch={setWatched} />
          ) : null}
        </>
      )}
      {asked === roomId ? (
        <PreJoin
          roomId={roomId}
          roomName={roomName}
          userId={userId}
          call={call}
          profiles={state.profiles}
          rings={isDirect && call === null}
          onClose={() => setCalls({ asked: null })}
        />
      ) : null}
    </>
  );
}
