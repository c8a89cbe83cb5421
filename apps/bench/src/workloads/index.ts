import type { Workload } from "../workload.ts";
import { fiveSteps } from "./five-steps.ts";
import { fiveStepsBeside } from "./five-steps-beside.ts";
import { importSdk } from "./import.ts";
import { kill } from "./kill.ts";
import { longRun } from "./long-run.ts";
import { oneStep } from "./one-step.ts";
import { parked } from "./parked.ts";
import { raw } from "./raw.ts";
import { redrive } from "./redrive.ts";
import { signal, signalAcross } from "./signal.ts";
import { sleeps } from "./sleeps.ts";
import { takeOver } from "./take-over.ts";
import { timers, timersSpread } from "./timers.ts";
import { values } from "./values.ts";

/** In the order in which they are measured: the limit beside what is held against it. */
export const workloads: readonly Workload[] = [
  raw, fiveSteps, fiveStepsBeside, oneStep, signal, signalAcross, redrive, parked, timers, timersSpread, sleeps, kill, takeOver, longRun, values, importSdk,
];
