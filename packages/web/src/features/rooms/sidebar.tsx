import { EllipsisVertical, Keyboard, Link2, Plus, Search, Settings } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { Avatar } from "../../ui/avatar.js";
import { IconButton } from "../../ui/icon-button.js";
import { Logo } from "../../ui/logo.js";
import { Menu, MenuItem } from "../../ui/menu.js";
import { type Part, part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import { StatusMark } from "../people/public.js";
import { shownName, useMe } from "../session/public.js";
import { RoomList } from "./room-list.js";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const CreateRoomDialog: Part<DialogProps> = part(
  async () => (await import("./create-room-dialog.js")).CreateRoomDialog,
);
const JoinLinkDialog: Part<DialogProps> = part(
  async () => (await import("./join-link-dialog.js")).JoinLinkDialog,
);

function Own() {
  const me = useMe();
  const name = shownName(me);
  return (
    <Link
      href="/settings"
      aria-label={`${words.profile.settings}: ${name}`}
      className="flex items-center gap-3 rounded-md p-2 transition-colors duration-120 hover:bg-hover"
    >
      <Avatar
        person={{ id: me.id, name, avatar_url: me.avatar_url, avatar_urls: me.avatar_urls }}
        size={36}
      />
      <span className="flex min-w-0 flex-1 items-baseline gap-1.5">
        <span dir="auto" className="truncate font-medium">
          {name}
        </span>
        <StatusMark person={me} />
      </span>
      <Settings aria-hidden="true" className="size-4.5 text-ink-faint" strokeWidth={1.85} />
    </Link>
  );
}

interface SidebarProps {
  readonly current: string | null;
  /** Shows what the keys do. */
  readonly onShowKeys: () => void;
  /** What stands above one's own name. */
  readonly children?: ReactNode;
}

/** The rooms beside every page; on a phone, a page of its own. */
export function Sidebar({ current, onShowKeys, children }: SidebarProps) {
  const me = useMe();
  const [query, setQuery] = useState("");
  const [dialog, setDialog] = useState<"create" | "join" | null>(null);
  const close = () => setDialog(null);
  return (
    <div className="flex h-full min-h-0 flex-col bg-sunken">
      <header className="flex h-16 shrink-0 items-center gap-1 ps-4.5 pe-2.5">
        <Link href="/" aria-label={words.common.appName} className="me-auto flex rounded-md">
          <Logo />
        </Link>
        <IconButton
          icon={Plus}
          label={words.rooms.create}
          side="bottom"
          onPointerEnter={() => void CreateRoomDialog.preload()}
          onClick={() => setDialog("create")}
        />
        <Menu
          trigger={
            <button
              type="button"
              aria-label={words.rooms.more}
              className="grid size-10 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
            >
              <EllipsisVertical aria-hidden="true" className="size-5" strokeWidth={1.85} />
            </button>
          }
        >
          <MenuItem icon={Plus} label={words.rooms.newRoom} onSelect={() => setDialog("create")} />
          <MenuItem icon={Link2} label={words.rooms.joinByLink} onSelect={() => setDialog("join")} />
          <MenuItem icon={Keyboard} label={words.keys.show} onSelect={onShowKeys} />
        </Menu>
      </header>
      <div className="relative px-3">
        <Search
          aria-hidden="true"
          className="pointer-events-none absolute inset-y-0 start-6 my-auto size-4 text-ink-faint"
        />
        <input
          type="search"
          aria-label={words.rooms.search}
          placeholder={words.rooms.search}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          className="h-10 w-full rounded-md bg-hover ps-9 pe-3 transition-colors duration-120 hover:bg-pressed focus:bg-surface"
        />
      </div>
      <nav
        aria-label={words.rooms.rooms}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-4"
      >
        <RoomList query={query} current={current} userId={me.id} />
      </nav>
      {children}
      <div className="border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <Own />
      </div>
      {dialog === "create" ? <CreateRoomDialog open onClose={close} /> : null}
      {dialog === "join" ? <JoinLinkDialog open onClose={close} /> : null}
    </div>
  );
}
