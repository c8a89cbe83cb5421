import { readFile } from "node:fs/promises";
import path from "node:path";
import { getRun } from "@tape/store";
import { actsOf } from "../acts.ts";
import { startProcess, type Process } from "../process.ts";
import { startTestRun } from "../runs.ts";
import { openSystem } from "../system.ts";
import { endOf, type End } from "./end.ts";
import { actForPeople } from "./people.ts";
import { recordedOf, wrongsOf, type Recorded } from "./wrongs.ts";

/** One run of `every`, from its start to its compensation. */
export interface Life {
  /** What the first worker crossed, in order; the last is where it died. */
  boundaries: string[];
  died: boolean;
  end: End;
  /** Acts of bodies, each once, as `move first`. */
  acts: string[];
  wrongs: string[];
  tookMs: number;
}

const CONFIG = path.resolve(import.meta.dirname, "../../agents/tape.config.ts");
/** Long past what a take-over needs (ms). */
const DEADLINE_MS = 90_000;

/** Starts a worker that kills itself at a boundary, counted from 1, and another once it is dead; 0: nobody dies. */
export async function live(dieAt: number): Promise<Life> {
  const began = performance.now();
  const system = await openSystem();
  let first: Process | undefined;
  try {
    const file = path.join(system.dir, "boundaries.log");
    first = await startProcess("worker", "apps/worker/src/main.ts", {
      DATABASE_URL: system.database.url, TAPE_DIR: system.dir, TAPE_CONFIG: CONFIG, TAPE_LOG: "warn", TAPE_LEASE_TTL_MS: "120000",
      TAPE_DIE_AT: String(dieAt), TAPE_BOUNDARIES: file,
    }, { preload: ["e2e/src/matrix/count.ts"] });
    const runId = await startTestRun(system, "every", { to: "town" });
    let recorded: Recorded | undefined;
    let isOver = false;
    const { pid } = first;
    const replaced = first.gone.then(async () => {
      if (isOver) return;
      recorded = await recordedOf(system, runId, pid);
      await system.worker();
    });
    try {
      // A worker that cannot be replaced ends it at once.
      await Promise.race([actForPeople(system, runId, DEADLINE_MS), replaced.then(() => new Promise<never>(() => {}))]);
    } catch (error) {
      const { status, whyWaiting } = await getRun(system.store, { id: runId });
      const lines = await linesOf(file);
      throw new Error(`killed at boundary ${dieAt} (${lines.at(-1)}): ${String(error)}; it is ${status}, ${JSON.stringify(whyWaiting)}`, { cause: error });
    }
    isOver = true;
    if (recorded) await replaced;
    const acts = [...new Set((await actsOf(system)).map(({ what, name }) => `${what} ${name}`))].sort();
    const [boundaries, end, wrongs] = await Promise.all([linesOf(file), endOf(system, runId), wrongsOf(system, runId, recorded)]);
    return { boundaries, died: recorded !== undefined, end, acts, wrongs, tookMs: performance.now() - began };
  } finally {
    await first?.kill();
    await system.close();
  }
}

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
