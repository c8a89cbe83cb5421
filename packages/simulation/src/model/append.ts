import { runMachine, statesLeftBy, TapeError, type Happening } from "@tape/core";
import { refOf, type Append, type Appended } from "@tape/store";
import { plainJson, type Model, type RunRow } from "./model.ts";

/**
 * Adds entries to one run and moves it, as the event that they tell of says.
 *
 * @throws {TapeError} `not_found`; `illegal_transition` when the run is not where `event` may leave it.
 */
export function append(model: Model, given: Append): Appended {
  const { runId, happenings, event, inbox = 0, foreignOutcomes = 0, openEffects = 0, armed = 0, settles, lease, gates } = given;
  const run = model.runs.get(runId);
  if (!run) throw new TapeError("not_found", `There is no run ${runId}.`);
  const target = event && runMachine.transitions.find((row) => row.event === event)!.to[0]!;
  if (event && target) {
    if (!statesLeftBy(runMachine, event).includes(run.status)) throw new TapeError("illegal_transition", `Run ${runId} is ${run.status}.`);
    if (event === "compensate") run.endedAs = run.status as NonNullable<RunRow["endedAs"]>;
    run.status = target;
    run.waits = null;
    run.stuck = given.event === "give_up" ? plainJson(given.stuck) : null;
    run.dueAt = model.now;
    if (event === "redrive") run.losses = 0;
  }
  if (given.event === "cancel") {
    run.endedAt = run.cancelledAt = model.now;
    run.cancelReason = given.cancelled.reason;
    run.cancelledBy = given.cancelled.by;
  }
  if (settles) run.settledAt ??= model.now;
  if (lease) run.owner = run.leaseExpiresAt = null;
  if (lease === "taken") run.epoch += 1;
  run.inbox += inbox;
  run.foreignOutcomes += foreignOutcomes;
  run.openEffects += openEffects;
  run.armed += armed;
  const firstSeq = run.seq + 1;
  write(model, run, happenings);
  model.hints.push({ on: "run", id: runId, seq: run.seq, ...(target === "RUNNABLE" && { wake: true }), ...(gates && { gates: true }) });
  if (run.status === "COMPENSATING" && run.owner === null && run.settledAt !== null && run.openEffects === 0) model.hints.push({ on: "reactors" });
  return { firstSeq, seq: run.seq };
}

/** Writes entries with the next numbers of their run. */
export function write(model: Model, run: RunRow, happenings: readonly Happening[]): void {
  const journal = model.journals.get(run.id) ?? [];
  model.journals.set(run.id, journal);
  for (const happening of happenings) {
    run.seq += 1;
    journal.push({ seq: run.seq, kind: happening.kind, verb: happening.verb, ref: refOf(happening), at: model.now, payload: plainJson(happening.payload) });
  }
}
