import type { Tape } from "@tape/sdk";
import type { ClaimedTimer } from "@tape/store";

/** Runs the handler of a timer, if there is one. What it threw, in its words; null when it went well. */
export async function runHandler(
  handler: ReturnType<Tape["timerHandlers"]["get"]>,
  { runId, id, kind, payload, fireAt, attempt }: ClaimedTimer,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<string | null> {
  if (!handler) return null;
  const abort = new AbortController();
  const stop = () => abort.abort(new Error("the worker stops"));
  signal.addEventListener("abort", stop, { once: true });
  let clock: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    clock = setTimeout(() => {
      const failure = `it did not end within ${timeoutMs} ms`;
      abort.abort(new Error(failure));
      resolve(failure);
    }, timeoutMs);
  });
  const work = async (): Promise<null> => {
    await handler({ runId, id, kind, payload, fireAt, attempt, signal: abort.signal });
    return null;
  };
  try {
    if (signal.aborted) stop();
    return await Promise.race([work(), tooLate]);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)) || "it threw without a word";
  } finally {
    clearTimeout(clock);
    signal.removeEventListener("abort", stop);
  }
}
