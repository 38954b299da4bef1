import type { Writable } from 'node:stream';

/**
 * Gives a function to call before each write: what is written in one turn of the event loop then goes out as one. A system call costs more
 * than a message (docs/facts.md).
 */
export function corkOncePerTick(socket: Writable): () => void {
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  return () => {
    if (corked) return;
    corked = true;
    socket.cork();
    setImmediate(uncork);
  };
}
