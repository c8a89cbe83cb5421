/**
 * Starts the demo's runs, each once for ever: one that finishes at once, one that waits at its gate, and a slow batch
 * below its limit. Run by `npm start` when worker and console are up; to run it again changes nothing.
 */
import { TapeError } from "@tape/core";
import { tape } from "../agents/treasury.ts";
import { seedRuns } from "./runs.ts";

try {
  for (const { invocationId, start } of await seedRuns()) {
    try {
      const { id, resumed } = await start();
      console.log(`${invocationId}: ${id}${resumed ? " (was there)" : ""}`);
    } catch (error) {
      // Seeded by an earlier version of this file: what is there stays.
      if (!TapeError.is(error, "invocation_conflict")) throw error;
      console.log(`${invocationId}: was there`);
    }
  }
} finally {
  await tape.close();
}
