import type { Entry } from "@tape/core";
import { SinkGone, type Sink } from "@tape/sdk";

export type DeliveryResult =
  | { status: "delivered" }
  /** To be tried again. */
  | { status: "failed"; reason: string }
  /** The receiver wants no more. */
  | { status: "gone"; reason: string }
  /** The worker stops: it is not known, and the next worker delivers again. */
  | { status: "stopped" };

/** Of a sink that says nothing else (ms). */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** One delivery. A sink that does not heed its signal is not waited for longer than its time. */
export async function attemptDelivery(sink: Sink, entries: readonly Entry[], { signal, attempt }: { signal: AbortSignal; attempt: number }): Promise<DeliveryResult> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = sink;
  const abort = new AbortController();
  const stop = () => abort.abort(new Error("the worker stops"));
  signal.addEventListener("abort", stop);
  const clock = setTimeout(() => abort.abort(new Error(`it took longer than ${timeoutMs} ms`)), timeoutMs);
  try {
    if (signal.aborted) stop();
    const ended = new Promise<never>((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason as Error)));
    ended.catch(() => {});
    abort.signal.throwIfAborted();
    await Promise.race([sink.deliver(entries, { signal: abort.signal, attempt }), ended]);
    return { status: "delivered" };
  } catch (error) {
    const thrown = error instanceof Error ? error.message : String(error);
    if (error instanceof SinkGone) return { status: "gone", reason: thrown };
    if (signal.aborted) return { status: "stopped" };
    const reason = abort.signal.aborted ? (abort.signal.reason as Error).message : thrown;
    return { status: "failed", reason: reason || "it threw without a word" };
  } finally {
    clearTimeout(clock);
    signal.removeEventListener("abort", stop);
  }
}
