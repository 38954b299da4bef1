/** A `jti` is refused for at least this long: 60 s of life and 30 s of clock difference on both sides. */
const WINDOW_MS = 120_000;
const SLOTS = 4;
/** Warrants in one window that a process keeps at most; beyond, it refuses rather than forgets. */
const CAPACITY = 4_000_000;

/** Takes an id once: false when it was taken within the last 120 s, or when the window is full. */
export type TakeOnce = (id: string) => boolean;

/** Remembers ids for 120 to 150 s, in slots that are dropped whole: no entry needs a time of its own. Only warrants that opened get here. */
export function replayWindow(now: () => number, capacity = CAPACITY): TakeOnce {
  const slotMs = WINDOW_MS / SLOTS;
  let slots: { readonly slot: number; readonly ids: Set<string> }[] = [];
  let kept = 0;
  return (id) => {
    const slot = Math.floor(now() / slotMs);
    const newest = slots[0];
    if (newest === undefined || slot > newest.slot) {
      slots = [{ slot, ids: new Set<string>() }, ...slots.filter((older) => older.slot >= slot - SLOTS)];
      kept = slots.reduce((sum, { ids }) => sum + ids.size, 0);
    }
    if (kept >= capacity || slots.some(({ ids }) => ids.has(id))) return false;
    slots[0]?.ids.add(id);
    kept += 1;
    return true;
  };
}
