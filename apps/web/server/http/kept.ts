/**
 * One read for all who ask within `forMs` of it; what failed is not kept. For counts that cost more than they change.
 */
export function keptFor<T>(forMs: number, read: () => Promise<T>, now: () => number = () => performance.now()): () => Promise<T> {
  let kept: { atMs: number; answer: Promise<T> } | undefined;
  return () => {
    if (kept && now() - kept.atMs < forMs) return kept.answer;
    const mine = { atMs: now(), answer: read() };
    kept = mine;
    mine.answer.catch(() => kept === mine && (kept = undefined));
    return mine.answer;
  };
}
