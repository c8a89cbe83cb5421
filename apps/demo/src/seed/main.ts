/**
 * Starts the demo's runs, each once for ever: one that finishes at once, one that waits at its gate, a slow batch below its
 * limit, and one that is cancelled on its way and reversed. Run by `npm start` when worker and console are up; to run it
 * again changes nothing.
 */
import { TapeError } from "@tape/core";
import { tape } from "../agents/treasury.ts";
import { seedRuns } from "./runs.ts";

try {
  for (const { invocationId, start, afterwards } of await seedRuns()) {
    try {
      const { id, resumed } = await start();
      console.log(`${invocationId}: ${id}${resumed ? " (was there)" : ""}`);
      await afterwards?.(id);
    } catch (error) {
      // Seeded by an earlier version of this file: what is there stays.
      if (!TapeError.is(error, "invocation_conflict")) throw error;
      console.log(`${invocationId}: was there`);
    }
  }
} finally {
  await tape.close();
}
