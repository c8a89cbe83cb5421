import type { Command } from "commander";
import type { Context } from "../context.ts";
import { addAudit } from "./audit.ts";
import { addCancel } from "./cancel.ts";
import { addCompensate } from "./compensate.ts";
import { addDemo } from "./demo.ts";
import { addDev } from "./dev.ts";
import { addDoctor } from "./doctor.ts";
import { addApprove, addReject } from "./decide.ts";
import { addGates } from "./gates.ts";
import { addInspect } from "./inspect.ts";
import { addMigrate } from "./migrate.ts";
import { addRedrive } from "./redrive.ts";
import { addResolve } from "./resolve.ts";
import { addRuns } from "./runs.ts";
import { addSignIn } from "./sign-in.ts";
import { addSignal } from "./signal.ts";
import { addSinks } from "./sinks.ts";
import { addStart } from "./start.ts";
import { addStatus } from "./status.ts";
import { addTail } from "./tail.ts";
import { addTimers } from "./timers.ts";
import { addToken } from "./token.ts";
import { addValues } from "./values.ts";
import { addWorker } from "./worker.ts";

const GROUPS: [string, ((program: Command, context: Context) => void)[]][] = [
  ["Look:", [addStatus, addRuns, addInspect, addTail, addGates, addTimers, addValues, addSinks, addAudit]],
  ["Act:", [addStart, addApprove, addReject, addCancel, addCompensate, addSignal, addRedrive, addResolve]],
  ["Run Tape:", [addDev, addWorker, addMigrate, addDoctor, addSignIn, addToken, addDemo]],
];

export function addCommands(program: Command, context: Context): void {
  for (const [group, members] of GROUPS) {
    program.commandsGroup(group);
    for (const add of members) add(program, context);
  }
}
