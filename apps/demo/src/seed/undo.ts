import { TapeError } from "@tape/core";
import { tape } from "../agents/treasury.ts";

/** A worker that is busy is not waited for longer than this (ms): the run is undone all the same, with fewer wires. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/** Cancels a batch after its first wire and has it reversed. What has happened already is left as it is. */
export async function undo(runId: string): Promise<void> {
  await firstWire(runId);
  try {
    await tape.cancelRun(runId, { reason: "last month's file" });
    await tape.compensateRun(runId, { reason: "it was paid last month already" });
  } catch (error) {
    // Somebody else has taken it further since.
    if (!TapeError.is(error, "illegal_transition")) throw error;
  }
}

async function firstWire(runId: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const { progress, endedAt } = await tape.getRun(runId);
    if (endedAt !== null || (progress !== null && progress.done > 0)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
