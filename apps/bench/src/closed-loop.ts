export interface Loop {
  /** Callers; each asks again as soon as it is answered. */
  atOnce: number;
  /** How long they go on asking (ms). What is under way then is waited for and counted. */
  forMs: number;
  once(): Promise<unknown>;
}

export interface Looped {
  /** Of each call (ms). */
  tookMs: number[];
  perSecond: number;
}

/** Load as callers make it that wait for their answers. */
export async function closedLoop({ atOnce, forMs, once }: Loop): Promise<Looped> {
  const tookMs: number[] = [];
  const beganMs = performance.now();
  const call = async () => {
    do {
      const askedMs = performance.now();
      await once();
      tookMs.push(performance.now() - askedMs);
    } while (performance.now() - beganMs < forMs);
  };
  await Promise.all(Array.from({ length: atOnce }, call));
  return { tookMs, perSecond: tookMs.length / ((performance.now() - beganMs) / 1_000) };
}

/** Does it for each, so many at a time, and answers in their order. */
export async function forEachOf<T, R>(items: readonly T[], atOnce: number, work: (item: T, place: number) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const take = async () => {
    for (let place = next++; place < items.length; place = next++) answers[place] = await work(items[place]!, place);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, take));
  return answers;
}
