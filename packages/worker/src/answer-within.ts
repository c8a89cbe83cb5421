export interface AnswerLimits<T> {
  /** Aborted when the worker stops. */
  signal: AbortSignal;
  timeoutMs: number;
  /** Told of an answer that came after it was given up. */
  late?: (answer: T) => void;
}

/**
 * The answer of somebody else's code, which gets a signal and need not heed it: what does not must not hold up the others.
 *
 * @throws What it threw, or that there was no answer in time
 */
export async function answerWithin<T>({ signal, timeoutMs, late }: AnswerLimits<T>, work: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
  const abort = new AbortController();
  const stop = () => abort.abort(new Error("the worker stopped before there was an answer"));
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  signal.addEventListener("abort", stop);
  try {
    const ended = new Promise<never>((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason as Error)));
    if (signal.aborted) stop();
    const working = (async () => await work(abort.signal))();
    if (late) {
      working.then(
        (answer) => void (abort.signal.aborted && late(answer)),
        () => {},
      );
    }
    return await Promise.race([working, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
