import { useEffect, useMemo, useReducer } from "react";

/** News that arrives within this time is drawn together (ms). */
const TOGETHER_MS = 50;
/** A flood is drawn less often, at least this often (ms): a journal of 50,000 entries comes as 100 messages. */
const FLOOD_MS = 400;

/** `useReducer` for a feed: the first piece of news is applied at once, a burst after it in one render. */
export function useCoalesced<S, N>(reduce: (state: S, news: N) => S, initial: S): [S, (news: N) => void] {
  const [state, dispatch] = useReducer((current: S, batch: readonly N[]) => batch.reduce(reduce, current), initial);
  const queue = useMemo(() => coalesce<N>(dispatch, TOGETHER_MS, FLOOD_MS), []);
  useEffect(() => queue.cancel, [queue]);
  return [state, queue.tell];
}

/** The first piece at once; then what came within `togetherMs`, a time that doubles up to `floodMs` while more keeps coming. */
export function coalesce<N>(flush: (batch: readonly N[]) => void, togetherMs: number, floodMs: number = togetherMs) {
  let waiting: N[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = togetherMs;
  const tick = () => {
    timer = undefined;
    if (waiting.length === 0) return void (waitMs = togetherMs);
    const batch = waiting;
    waiting = [];
    flush(batch);
    timer = setTimeout(tick, waitMs);
    waitMs = batch.length > 1 ? Math.min(floodMs, waitMs * 2) : togetherMs;
  };
  return {
    tell(news: N): void {
      waiting.push(news);
      if (timer === undefined) tick();
    },
    cancel(): void {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
    },
  };
}
