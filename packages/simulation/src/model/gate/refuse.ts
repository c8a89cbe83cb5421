import { roleAtLeast, TapeError } from "@tape/core";
import type { Actor } from "@tape/store";
import { iso } from "../iso.ts";
import type { GateRow, RunRow } from "../model.ts";
import { hasEnded } from "../run/lock.ts";
import { isAssigned, isStarter } from "./assignee.ts";
import { votesOf } from "./row.ts";

interface Asked {
  outcome: "approved" | "rejected";
  fingerprint: string;
  actor: Actor;
  /** Everybody the run goes back to: who started it, and its parents. */
  starters: readonly string[];
}

/** @throws {TapeError} Why this decision cannot be taken: what is wrong with the gate, the person, the words seen, in this order (D30). */
export function refuseDecision(run: RunRow, gate: GateRow, { outcome, fingerprint, actor, starters }: Asked): void {
  refuseOutcome(run, gate);
  refuseStranger(gate, actor);
  if (outcome === "approved" && !gate.allowSelf && starters.some((starter) => isStarter(actor, starter))) {
    throw forbidden(`who started the run may not approve ${gate.name}`, { startedBy: actor.id });
  }
  const own = votesOf(gate).find(({ by }) => by === actor.id);
  if (own) throw forbidden(`${actor.id} ${own.outcome} it already`, { votedAt: own.at, quorum: gate.quorum });
  const isShown = gate.status === "OPEN" && gate.fingerprint === fingerprint;
  if (!isShown) {
    const now = gate.status === "OPEN" ? gate.fingerprint : null;
    throw new TapeError("fingerprint_mismatch", `What ${gate.name} asks has changed.`, { seen: fingerprint, fingerprint: now });
  }
}

/** @throws {TapeError} Why this person cannot move the deadline: whoever may decide the gate may, and any operator. */
export function refuseExtension(run: RunRow, gate: GateRow, actor: Actor): void {
  refuseOutcome(run, gate);
  if (gate.status !== "OPEN") throw new TapeError("illegal_transition", `The gate ${gate.name} was withdrawn.`, { status: gate.status });
  if (!roleAtLeast(actor.role, "operator")) refuseStranger(gate, actor);
}

/** The first outcome stands, and the gate of a run that has ended asks nothing. */
function refuseOutcome(run: RunRow, gate: GateRow): void {
  if (gate.status === "DECIDED" || gate.status === "TIMED_OUT") {
    throw new TapeError("already_decided", `The gate ${gate.name} is ${gate.status}.`, { outcome: gate.outcome, by: gate.decidedBy, at: iso(gate.decidedAt) });
  }
  if (hasEnded(run)) throw new TapeError("illegal_transition", `The run of the gate ${gate.name} is ${run.status}.`, { status: run.status, runId: run.id });
}

/** Not among those who may decide it, by role and by the gate's own list. */
function refuseStranger(gate: GateRow, { role, ...actor }: Actor): void {
  if (!roleAtLeast(role, "approver")) throw forbidden(`${gate.name} needs an approver`, { role, needed: "approver" });
  if (!isAssigned({ role, ...actor }, gate.assignees)) throw forbidden(`${gate.name} is for others`, { assignees: gate.assignees });
}

function forbidden(message: string, details: Record<string, unknown>): TapeError {
  return new TapeError("forbidden", message, details);
}
