// What a worker process of the bench loads.
import { appendFileSync } from "node:fs";
import { defineAgents } from "./src/agents/agents.ts";
import { monotonicMs } from "./src/clock.ts";
import { answerQuestions } from "./src/world/probe.ts";

const stepsFile = process.env.BENCH_STEPS_FILE;

// Written before the body goes on, so that it is known of a process that is killed.
const { config, marks } = defineAgents(stepsFile ? { onStep: (runId, n) => appendFileSync(stepsFile, `${runId} ${n} ${monotonicMs()}\n`) } : {});
answerQuestions(marks);

export default config;
