import type { BannedPerson } from "@parlor/protocol";
import { useEffect, useId, useState } from "react";
import { call } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { useMe } from "../session/public.js";
import { hostWords } from "./host-words.js";

interface RemovedPersonProps {
  readonly roomId: string;
  readonly person: BannedPerson;
  readonly onLetIn: (userId: string) => void;
}

function RemovedPerson({ roomId, person, onLetIn }: RemovedPersonProps) {
  const me = useMe();
  const host = hostWords();
  const { user_id: id, username: name, avatar_url, avatar_urls } = person;
  const { busy, error, run } = useSubmit(async () => {
    await call("unbanMember", { params: { room_id: roomId, user_id: id }, query: { user_id: me.id } });
    toast(host.letInDone(name));
    onLetIn(id);
  });
  return (
    <li className="grid gap-2">
      <div className="flex items-center gap-3">
        <Avatar person={{ id, name, avatar_url, avatar_urls }} size={32} />
        <bdi className="min-w-0 flex-1 truncate">{name}</bdi>
        <Button size="sm" busy={busy} onClick={() => void run()} aria-label={`${host.letIn}: ${name}`}>
          {host.letIn}
        </Button>
      </div>
      {error ? <Notice>{error}</Notice> : null}
    </li>
  );
}

/** Who was put out of a room, and the way back for them; nothing while there is nobody. */
export function RemovedPeople({ roomId }: { roomId: string }) {
  const { id: userId } = useMe();
  const [people, setPeople] = useState<readonly BannedPerson[]>([]);
  const [error, setError] = useState<string | null>(null);
  const titleId = useId();
  useEffect(() => {
    let current = true;
    call("listBanned", { params: { room_id: roomId }, query: { user_id: userId } }).then(
      (found) => {
        if (current) setPeople(found);
      },
      (cause: unknown) => {
        if (current) setError(explain(cause));
      },
    );
    return () => {
      current = false;
    };
  }, [roomId, userId]);
  if (people.length === 0 && error === null) return null;
  return (
    <section aria-labelledby={titleId} className="grid gap-3 border-t border-line px-5 py-4 sm:px-6">
      <h3 id={titleId} className="text-sm font-medium">
        {hostWords().out}
      </h3>
      {error ? <Notice>{error}</Notice> : null}
      <ul className="grid max-h-60 gap-2.5 overflow-y-auto">
        {people.map((person) => (
          <RemovedPerson
            key={person.user_id}
            roomId={roomId}
            person={person}
            onLetIn={(id) => setPeople((all) => all.filter(({ user_id }) => user_id !== id))}
          />
        ))}
      </ul>
    </section>
  );
}
