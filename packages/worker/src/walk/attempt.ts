import type { RecordedError } from "@tape/core";
import { CompensationFailed } from "@tape/sdk";
import type { ReversalOutcome } from "@tape/store";

/** Most characters kept of a message or a stack. */
const MAX_TEXT = 10_000;

/** Runs a compensator once: what it answered, or what it threw (D21: a lost acknowledgement is an attempt like any other; a `CompensationFailed` is the last). */
export async function attempt(compensator: () => Promise<unknown>): Promise<ReversalOutcome> {
  const startedAt = performance.now();
  try {
    const result = await compensator();
    return { status: "compensated", result: plain(result), durationMs: Math.round(performance.now() - startedAt) };
  } catch (thrown) {
    return { status: "failed", error: recorded(thrown), ...(thrown instanceof CompensationFailed && { isFinal: true }) };
  }
}

/** The reversal did happen, whatever it answered: what is not JSON is left out. */
function plain(result: unknown): unknown {
  try {
    const text = JSON.stringify(result);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** What is kept of something thrown. Anything can be thrown, so anything is kept. */
function recorded(thrown: unknown): RecordedError {
  if (!(thrown instanceof Error)) return { name: "Error", message: clip(typeof thrown === "string" ? thrown : (JSON.stringify(plain(thrown)) ?? String(thrown))) };
  const { name, message, stack, code } = thrown as Error & { code?: unknown };
  return {
    name: String(name) || "Error",
    message: clip(String(message)),
    ...(typeof code === "string" && { code }),
    ...(typeof stack === "string" && { stack: clip(stack) }),
  };
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
