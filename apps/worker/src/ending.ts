/** The wish that this process ends, as its signals say it. */
export interface Ending {
  /** Aborted by the first SIGTERM or SIGINT: end in order. */
  readonly asked: AbortSignal;
  /** Aborted by the second: wait for nothing. The third is the system's own. */
  readonly hurried: AbortSignal;
  /** Resolves with `asked`. */
  readonly whenAsked: Promise<void>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

export function listenForEnd(): Ending {
  const asked = new AbortController();
  const hurried = new AbortController();
  const heard = (): void => {
    if (!asked.signal.aborted) return asked.abort(new Error("asked to end"));
    for (const signal of SIGNALS) process.off(signal, heard);
    hurried.abort();
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  const whenAsked = new Promise<void>((resolve) => asked.signal.addEventListener("abort", () => resolve(), { once: true }));
  return { asked: asked.signal, hurried: hurried.signal, whenAsked };
}
