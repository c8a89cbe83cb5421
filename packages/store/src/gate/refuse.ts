import { TapeError, roleAtLeast } from "@tape/core";
import type { Actor } from "../actor.ts";
import { hasEnded, type LockedRun } from "../run/lock.ts";
import { DECIDING_ROLE, isAssigned, isStarter } from "./assignee.ts";
import type { GateRow } from "./row.ts";

interface Asked {
  outcome: "approved" | "rejected";
  fingerprint: string;
  actor: Actor;
  /** Everybody the run goes back to: who started it, and its parents. */
  starters: readonly string[];
}

/** Why this decision cannot be taken, in the order of D30; null when it can. */
export function refuseDecision(run: LockedRun, gate: GateRow, asked: Asked): TapeError | null {
  return alreadyDecided(gate) ?? runEnded(run, gate) ?? forbidden(gate, asked) ?? otherWords(gate, asked);
}

/** Why this person cannot move the deadline; null when they can: whoever may decide the gate, and any operator. */
export function refuseExtension(run: LockedRun, gate: GateRow, actor: Actor): TapeError | null {
  return alreadyDecided(gate) ?? runEnded(run, gate) ?? withdrawn(gate) ?? (roleAtLeast(actor.role, "operator") ? null : notTheirs(gate, actor, "extend"));
}

function alreadyDecided(gate: GateRow): TapeError | null {
  if (gate.status !== "DECIDED" && gate.status !== "TIMED_OUT") return null;
  const at = gate.decidedAt!.toISOString();
  const how = gate.status === "DECIDED" ? `was ${gate.outcome} by ${gate.decidedBy}` : "passed its deadline";
  return new TapeError("already_decided", `The gate ${gate.name} ${how} at ${at}. The first outcome stands.`, { outcome: gate.outcome, by: gate.decidedBy, at });
}

function runEnded(run: LockedRun, gate: GateRow): TapeError | null {
  if (!hasEnded(run)) return null;
  return new TapeError("illegal_transition", `The run of the gate ${gate.name} is ${run.status}: there is nothing left to decide.`, { status: run.status, runId: run.id });
}

function withdrawn(gate: GateRow): TapeError | null {
  if (gate.status === "OPEN") return null;
  return new TapeError("illegal_transition", `The gate ${gate.name} was withdrawn, because its run asks something else by now. Look at the run's open gates.`, { status: gate.status });
}

/** Not among those who may decide it, by role and by the gate's own list. */
function notTheirs(gate: GateRow, actor: Actor, toDo: "decide" | "extend"): TapeError | null {
  if (!roleAtLeast(actor.role, DECIDING_ROLE)) {
    return refusal(`Your role is ${actor.role}; to ${toDo} a gate you need ${DECIDING_ROLE}.`, { role: actor.role, needed: DECIDING_ROLE });
  }
  return isAssigned(actor, gate.assignees) ? null : refusal(`The gate ${gate.name} is for ${gate.assignees.join(", ")}.`, { assignees: gate.assignees });
}

function forbidden(gate: GateRow, { actor, outcome, starters }: Asked): TapeError | null {
  const stranger = notTheirs(gate, actor, "decide");
  if (stranger) return stranger;
  if (outcome === "approved" && !gate.allowSelf && starters.some((starter) => isStarter(actor, starter))) {
    return refusal(`You started this run, and ${gate.name} must be approved by somebody else.`, { startedBy: actor.id });
  }
  const own = gate.votes.find(({ by }) => by === actor.id);
  if (own) return refusal(`You ${own.outcome} this already; it needs ${gate.quorum} different people.`, { votedAt: own.at, quorum: gate.quorum });
  return null;
}

function otherWords(gate: GateRow, { fingerprint }: Asked): TapeError | null {
  if (gate.status === "OPEN" && gate.fingerprint === fingerprint) return null;
  return new TapeError("fingerprint_mismatch", `What ${gate.name} asks has changed since you saw it. Look at it again, then decide.`, {
    seen: fingerprint,
    fingerprint: gate.status === "OPEN" ? gate.fingerprint : null,
  });
}

function refusal(message: string, details: Record<string, unknown>): TapeError {
  return new TapeError("forbidden", message, details);
}
