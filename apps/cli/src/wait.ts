import { TapeError, runMachine, type Run } from "@tape/core";
import type { Backend } from "./backend/backend.ts";

const FIRST_MS = 100;
const LONGEST_MS = 1000;

/** Reads the run until it has ended or is STUCK, and tells each new sentence about where it is. A Tape that is away for a while is asked again. */
export async function waitForEnd(backend: Backend, runId: string, tell: (sentence: string) => void): Promise<Run> {
  let told = "";
  for (let delayMs = FIRST_MS; ; delayMs = Math.min(delayMs * 1.5, LONGEST_MS)) {
    const run = await readUnlessAway(backend, runId);
    if (run && (runMachine.ended.includes(run.status) || run.status === "STUCK")) return run;
    const sentence = run ? run.whyWaiting.filter(({ code }) => code !== "running" && code !== "queued").map((why) => why.sentence).join("; ") : "Tape cannot be reached, asking again";
    if (sentence !== told && sentence !== "") tell(sentence);
    told = sentence;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

async function readUnlessAway(backend: Backend, runId: string): Promise<Run | undefined> {
  try {
    return await backend.getRun(runId);
  } catch (error) {
    if (TapeError.is(error, "unavailable")) return undefined;
    throw error;
  }
}
