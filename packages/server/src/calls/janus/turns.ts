/** Steps that wait for their turn, at most; beyond them a peer connection is given up. */
const WAITING = 200;

/**
 * Runs steps one after the other; what one throws goes to `onError`, and the next one runs. Answers false where too many
 * wait.
 */
export function createTurns(onError: (error: unknown) => void): (step: () => Promise<void>) => boolean {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return (step) => {
    if (waiting >= WAITING) return false;
    waiting += 1;
    last = last
      .then(step)
      .catch(onError)
      .finally(() => {
        waiting -= 1;
      });
    return true;
  };
}
