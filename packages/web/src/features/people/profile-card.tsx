import { MessageCircle, Pencil } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation, useRoute } from "wouter";
import { dates } from "../../lib/formats.js";
import { formatExact, formatShort } from "../../lib/time.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { Notice } from "../../ui/notice.js";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";
import { RemoveButton } from "../rooms/card.js";
import { openDirect, roomIdOfPath, roomPath } from "../rooms/public.js";
import { shownName, useMe } from "../session/public.js";
import { closeProfile, useShownProfile } from "./card-store.js";
import { isHere, readPerson, usePerson } from "./people-store.js";
import { StatusLine } from "./status-line.js";

const since = dates({ month: "long", year: "numeric" });

function seen(at: string): string {
  const time = new Date(at);
  return Date.now() - time.getTime() < 120_000 ? words.people.justNow : formatShort(time, new Date());
}

function Card({ userId }: { userId: string }) {
  const me = useMe();
  const read = usePerson(userId);
  const person = userId === me.id ? me : read;
  const [failed, setFailed] = useState(false);
  const [, navigate] = useLocation();
  const [, params] = useRoute("/r/:id");
  const { busy, error, run } = useSubmit(async () => {
    const roomId = await openDirect(me.id, userId);
    closeProfile();
    navigate(roomPath(roomId));
  });
  useEffect(() => {
    let current = true;
    void readPerson(userId).then((isKnown) => {
      if (current) setFailed(!isKnown);
    });
    return () => {
      current = false;
    };
  }, [userId]);
  if (!person) {
    return (
      <div className="grid min-h-72 place-items-center px-6 pb-6 text-ink-soft">
        {failed ? <Notice>{words.people.loadFailed}</Notice> : <Spinner />}
      </div>
    );
  }
  const name = shownName(person);
  const here = userId === me.id || isHere(person);
  return (
    <div className="grid justify-items-center gap-5 px-6 pb-7 text-center">
      <Avatar
        person={{ id: person.id, name, avatar_url: person.avatar_url, avatar_urls: person.avatar_urls }}
        size={144}
      />
      <div className="grid max-w-full gap-1">
        <p dir="auto" className="text-2xl font-semibold tracking-[-0.02em] break-words">
          {name}
        </p>
        <p className="flex flex-wrap items-center justify-center gap-x-2 text-sm text-ink-faint">
          {person.username === name ? null : <span dir="auto">{person.username}</span>}
          {here ? (
            <span className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className="size-2 rounded-full bg-online" />
              {words.people.here}
            </span>
          ) : person.last_seen_at ? (
            <time dateTime={person.last_seen_at} title={formatExact(new Date(person.last_seen_at))}>
              {words.people.lastSeen(seen(person.last_seen_at))}
            </time>
          ) : null}
        </p>
      </div>
      <StatusLine person={person} />
      {person.bio ? (
        <p dir="auto" className="max-w-prose break-words whitespace-pre-line text-ink-soft">
          {person.bio}
        </p>
      ) : null}
      {error ? <Notice>{error}</Notice> : null}
      {userId === me.id ? (
        <Button
          onClick={() => {
            closeProfile();
            navigate("/settings");
          }}
        >
          <Pencil aria-hidden="true" className="size-4" />
          {words.people.edit}
        </Button>
      ) : (
        <Button variant="primary" size="lg" busy={busy} onClick={() => void run()} autoFocus>
          <MessageCircle aria-hidden="true" className="size-4.5" />
          {words.people.message}
        </Button>
      )}
      {params && userId !== me.id ? (
        <RemoveButton roomId={roomIdOfPath(params.id)} userId={userId} name={name} onAsk={closeProfile} />
      ) : null}
      <p className="text-xs text-ink-faint">
        {words.people.since(since().format(new Date(person.created_at)))}
      </p>
    </div>
  );
}

/** Somebody's face, name, status and words, and the way to write to them. */
export function ProfileCard({ onClose }: { onClose: () => void }) {
  const userId = useShownProfile();
  return (
    <Dialog open={userId !== null} onClose={onClose} title={words.people.card} look="card">
      {userId === null ? null : <Card key={userId} userId={userId} />}
    </Dialog>
  );
}
