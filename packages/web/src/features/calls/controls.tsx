import type { CallClient, CallState } from "@parlor/client";
import {
  Circle,
  CircleStop,
  Ellipsis,
  Gauge,
  Hand,
  LayoutGrid,
  Lock,
  LockOpen,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PhoneOff,
  PictureInPicture2,
  PowerOff,
  Settings2,
  ShieldCheck,
  ShieldOff,
  Smile,
  UserRound,
  Video,
  VideoOff,
} from "lucide-react";
import { useRef, useState } from "react";
import { formatNumber } from "../../lib/formats.js";
import { Menu, MenuItem } from "../../ui/menu.js";
import { Popover } from "../../ui/popover.js";
import { words as pageWords } from "../../words/words.js";
import { canShareScreen, toggleCamera, toggleHand, toggleMute, toggleScreen } from "./call-actions.js";
import { callWords } from "./call-words.js";
import { ControlButton } from "./control-button.js";

const EMOJI = ["👍", "❤️", "😂", "👏", "🎉", "😮"];

function Reactions({ client }: { client: CallClient }) {
  const words = callWords();
  const anchor = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <span ref={anchor} className="inline-flex">
        <ControlButton icon={Smile} label={words.react} aria-expanded={open} onClick={() => setOpen(!open)} />
      </span>
      {open ? (
        <Popover
          anchor={anchor}
          label={words.react}
          align="center"
          onClose={() => setOpen(false)}
          className="flex"
        >
          {EMOJI.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={emoji}
              onClick={() => {
                client.react(emoji);
                setOpen(false);
              }}
              className="grid size-10 place-items-center rounded-md text-xl hover:bg-hover"
            >
              {emoji}
            </button>
          ))}
        </Popover>
      ) : null}
    </>
  );
}

interface ControlsProps {
  readonly client: CallClient;
  readonly state: CallState;
  readonly isChatShown: boolean;
  /** Messages that came while the chat was hidden. */
  readonly unread: number;
  readonly followsSpeaker: boolean;
  readonly onToggleChat: () => void;
  readonly onToggleSpeaker: () => void;
  readonly onSettings: () => void;
  readonly onStats: () => void;
  /** Asks whether to record the call. */
  readonly onRecord: () => void;
  /** Puts the main picture into a window of its own; `null` where there is none. */
  readonly onWindow: (() => void) | null;
}

/** What somebody in a call does: be heard, be seen, show, leave. */
export function Controls(props: ControlsProps) {
  const { client, state, isChatShown, unread, followsSpeaker } = props;
  const words = callWords();
  const { me } = state;
  const isSilent = me.isMuted || !me.hasMicrophone;
  const hand = me.hand === null ? words.raiseHand : words.lowerHand;
  return (
    <div
      role="toolbar"
      aria-label={words.controls}
      className="flex shrink-0 flex-wrap items-center justify-center gap-2 pt-2"
    >
      <ControlButton
        icon={isSilent ? MicOff : Mic}
        label={isSilent ? words.unmute : words.mute}
        look={isSilent ? "off" : "plain"}
        aria-keyshortcuts="m"
        onClick={() => toggleMute(client)}
      />
      <ControlButton
        icon={me.camera ? Video : VideoOff}
        label={me.camera ? words.cameraOff : words.cameraOn}
        look={me.camera ? "plain" : "off"}
        aria-keyshortcuts="v"
        onClick={() => toggleCamera(client)}
      />
      {canShareScreen() ? (
        <ControlButton
          icon={me.screen ? MonitorX : MonitorUp}
          label={me.screen ? words.stopShare : words.share}
          look={me.screen ? "on" : "plain"}
          onClick={() => toggleScreen(client)}
          className="max-sm:hidden"
        />
      ) : null}
      <ControlButton
        icon={Hand}
        label={hand}
        look={me.hand === null ? "plain" : "on"}
        aria-keyshortcuts="h"
        onClick={() => toggleHand(client)}
        className="max-sm:hidden"
      />
      <Reactions client={client} />
      <span className="relative inline-flex">
        <ControlButton
          icon={MessageSquare}
          label={
            isChatShown
              ? words.hideChat
              : [words.showChat, ...(unread > 0 ? [pageWords.chat.newMessages(unread)] : [])].join(": ")
          }
          look={isChatShown ? "on" : "plain"}
          aria-pressed={isChatShown}
          onClick={props.onToggleChat}
        />
        {unread > 0 ? (
          <span
            aria-hidden="true"
            className="pointer-events-none absolute -end-1 -top-1 grid h-5 min-w-5 place-items-center rounded-full bg-accent px-1 text-xs font-semibold text-on-accent tabular-nums"
          >
            {formatNumber(unread)}
          </span>
        ) : null}
      </span>
      <Menu trigger={<ControlButton icon={Ellipsis} label={words.more} aria-haspopup="menu" />}>
        <MenuItem icon={Hand} label={hand} onSelect={() => toggleHand(client)} />
        {canShareScreen() ? (
          <MenuItem
            icon={MonitorUp}
            label={me.screen ? words.stopShare : words.share}
            onSelect={() => toggleScreen(client)}
          />
        ) : null}
        <MenuItem
          icon={followsSpeaker ? LayoutGrid : UserRound}
          label={followsSpeaker ? words.unpin : words.speakerView}
          onSelect={props.onToggleSpeaker}
        />
        {props.onWindow ? (
          <MenuItem icon={PictureInPicture2} label={words.pip} onSelect={props.onWindow} />
        ) : null}
        <MenuItem icon={Settings2} label={words.settings} onSelect={props.onSettings} />
        <MenuItem icon={Gauge} label={words.stats} onSelect={props.onStats} />
        {me.isModerator ? (
          <>
            <MenuItem
              icon={state.isLocked ? LockOpen : Lock}
              label={state.isLocked ? words.unlock : words.lock}
              onSelect={() => client.moderate(state.isLocked ? "unlock" : "lock")}
            />
            <MenuItem
              icon={state.hasLobby ? ShieldOff : ShieldCheck}
              label={state.hasLobby ? words.noLobby : words.lobby}
              onSelect={() => client.moderate(state.hasLobby ? "no-lobby" : "lobby")}
            />
            {state.recording ? (
              <MenuItem
                icon={CircleStop}
                label={words.stopRecording}
                onSelect={() => client.moderate("stop-recording")}
              />
            ) : state.isRecordable ? (
              <MenuItem icon={Circle} label={words.record} onSelect={props.onRecord} />
            ) : null}
            <MenuItem icon={PowerOff} label={words.end} danger onSelect={() => client.moderate("end")} />
          </>
        ) : null}
      </Menu>
      <ControlButton
        icon={PhoneOff}
        label={words.leave}
        look="leave"
        onClick={() => client.leave()}
        className="sm:ms-2"
      />
    </div>
  );
}
