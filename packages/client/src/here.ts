/** The members of lists that were made last, so that a change of a list of thousands need not look through it. */
const members = new WeakMap<readonly string[], Set<string>>();

/**
 * The list of who is here after some left and some came, in the order of their coming; the same list where nothing
 * changed. A room of a thousand that comes back after a restart changes many times a second, for each of the thousand.
 */
export function withPresence(
  here: readonly string[],
  joined: readonly string[],
  left: readonly string[],
): readonly string[] {
  const known = members.get(here) ?? new Set(here);
  const staying = left.length > 0 ? new Set(joined) : null;
  const gone = left.filter((id) => !staying?.has(id) && known.delete(id));
  const came: string[] = [];
  for (const id of joined) {
    if (known.has(id)) continue;
    known.add(id);
    came.push(id);
  }
  if (gone.length === 0 && came.length === 0) {
    members.set(here, known);
    return here;
  }
  // The set goes over to the new list; whoever still holds the old one makes it a set of its own.
  members.delete(here);
  const stayed = gone.length > 0 ? here.filter((id) => known.has(id)) : here;
  const next = came.length > 0 ? stayed.concat(came) : stayed;
  members.set(next, known);
  return next;
}
