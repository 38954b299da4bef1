/** Lets what waits go on one at a time, lowest turn first, each until nothing more happens: the same order whoever waits. */
export function inTurn(): (turn: number) => Promise<void> {
  const waiting: { readonly turn: number; readonly go: () => void }[] = [];
  let awake = false;
  const next = (): void => {
    waiting.sort((a, b) => a.turn - b.turn);
    waiting.shift()?.go();
    awake = waiting.length > 0;
    if (awake) setImmediate(next);
  };
  return (turn) =>
    new Promise((resolve) => {
      waiting.push({ turn, go: resolve });
      if (!awake) setImmediate(next);
      awake = true;
    });
}
