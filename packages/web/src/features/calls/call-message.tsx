import type { Message } from "@parlor/protocol";
import { Attachments } from "../files/public.js";
import { CallLine } from "./call-line.js";
import { RecordingLine } from "./recording-line.js";

interface CallMessageProps {
  readonly message: Message;
  readonly userId: string;
  /** Whether it tells of the call that the room has now. */
  readonly isRunning: boolean;
}

/** A message that tells of a call, or of a recording of one. */
export function CallMessage({ message, userId, isRunning }: CallMessageProps) {
  const { call, recording, room_id, timestamp, attachments } = message;
  if (call)
    return (
      <CallLine
        record={call}
        roomId={room_id}
        beganAt={Date.parse(timestamp)}
        userId={userId}
        isRunning={isRunning}
      />
    );
  return (
    <>
      {recording ? <RecordingLine note={recording} /> : null}
      <Attachments list={attachments} />
    </>
  );
}
