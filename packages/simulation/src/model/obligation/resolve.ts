import { allows, obligationMachine, TapeError, type Happening, type ObligationStatus } from "@tape/core";
import { requireRole } from "@tape/store";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import { ofRun, type Model, type ObligationRow, type RunRow } from "../model.ts";
import { isDriven } from "../run/lock.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { isOwnerDead } from "../worker/is-owner-dead.ts";
import { isDead } from "../worker/presence.ts";
import { isClaimed, ownerOf } from "./claim-duplicates.ts";
import { lockObligation } from "./lock.ts";
import { toObligation } from "./row.ts";

type Resolution = store.ResolveObligation["outcome"];

const EVENTS = { done: "done", retry: "retry", waived: "waive" } as const;
const LEADS_TO = { done: "COMPENSATED", retry: "PENDING", waived: "WAIVED" } as const satisfies Record<Resolution, ObligationStatus>;

/** A person's word on an obligation that is STUCK, or a waiver of one that is PENDING and that nobody is at. */
export const resolveObligation: VerbOf<typeof store.resolveObligation> = (model, { id, outcome, reason, actor }) => {
  requireRole(actor, "operator", "resolve an obligation");
  assertText(reason, "reason", { max: 2000 });
  const { run, obligation } = lockObligation(model, id);
  const { status: from } = obligation;
  const refused = whyNot(model, run, obligation, outcome);
  if (refused !== null) throw new TapeError("illegal_transition", refused, { status: from, runStatus: run.status });
  const to = LEADS_TO[outcome];
  const isOpen = to === "PENDING";
  obligation.status = to;
  if (isOpen) obligation.lastError = null;
  obligation.nextAttemptAt = isOpen ? model.now : null;
  obligation.settledAt = isOpen ? null : model.now;
  obligation.claim = obligation.claimExpiresAt = null;
  append(model, {
    runId: run.id,
    happenings: [entryOf(obligation, outcome, { by: actor.id, reason })],
    armed: (isOpen ? 1 : 0) - (from === "PENDING" ? 1 : 0),
    ...(walksOn(model, run) && { event: "resume_walk" as const }),
  });
  model.hints.push({ on: "reactors" });
  appendAudit(model, { actor: actor.id, action: "obligation.resolve", target: id, runId: run.id, details: { outcome, reason, compensator: obligation.kind, from } });
  return toObligation(obligation);
};

function whyNot(model: Model, run: RunRow, obligation: ObligationRow, outcome: Resolution): string | null {
  const { id, status } = obligation;
  switch (status) {
    case "REGISTERED":
      return `The obligation ${id} is dormant.`;
    case "COMPENSATED":
    case "WAIVED":
      return `The obligation ${id} is ${status}: that stands.`;
    case "STUCK":
      return null;
    case "PENDING":
      if (!allows(obligationMachine, status, EVENTS[outcome])) return `The obligation ${id} is PENDING: it is tried by itself.`;
      if (isUndoneBesideWalk(run, obligation)) return isClaimed(model, obligation) && !isDead(model, ownerOf(obligation)) ? `The obligation ${id} is being undone at this moment.` : null;
      if (isDriven(model, run) && obligation.claim !== null && !isOwnerDead(model, run)) return `The obligation ${id} is being undone by ${run.owner} at this moment.`;
      return null;
  }
}

/** An extra copy, or what came to light after the walk. */
function isUndoneBesideWalk(run: RunRow, { reason }: ObligationRow): boolean {
  return reason === "duplicate" || run.status === "COMPENSATED";
}

function entryOf({ id, effectId }: ObligationRow, outcome: Resolution, said: { by: string; reason: string }): Happening {
  const payload = { obligationId: id, effectId, ...said };
  switch (outcome) {
    case "done":
      return { kind: "obligation", verb: "compensated", payload };
    case "retry":
      return { kind: "obligation", verb: "retried", payload };
    case "waived":
      return { kind: "obligation", verb: "waived", payload };
  }
}

/** Was this the last one that its compensation was STUCK by? Asked after the change. */
function walksOn(model: Model, run: RunRow): boolean {
  if (run.status !== "STUCK" || run.endedAs === null) return false;
  return !ofRun(model.obligations, run.id).some(({ status, reason }) => status === "STUCK" && reason !== "duplicate");
}
