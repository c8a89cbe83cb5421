import { actors } from "@tape/store/testing";
import { callOf } from "../verbs.ts";
import { aGate, anEffect, aRun, type Make } from "./context.ts";

const REASON = "a person says so";
const DECIDING = [actors.approver, actors.secondApprover, actors.operator, actors.viewer];

const decide: Make = (context) => {
  const { picks } = context;
  const gate = aGate(context, ({ status }) => status === "OPEN");
  if (!gate) return null;
  const outcome = picks.isLucky(30) ? "rejected" : "approved";
  return callOf("decideGate", {
    id: gate.id,
    outcome,
    fingerprint: picks.isLucky(8) ? "seen before" : gate.fingerprint,
    actor: picks.of(DECIDING),
    ...(picks.isLucky(30) && { comment: "checked" }),
    ...(picks.isLucky(30) && { values: picks.of<Record<string, unknown>>([{ limit: 5 }, {}, { other: 1 }]) }),
  });
};

const extend: Make = (context) => {
  const gate = aGate(context, ({ status }) => status === "OPEN");
  return gate ? callOf("extendGate", { id: gate.id, forMs: context.picks.of([60_000, 1_000]), reason: REASON, actor: context.picks.of([actors.operator, actors.approver, actors.viewer]) }) : null;
};

const lookAtGate: Make = (context) => {
  const gate = aGate(context, () => true);
  return gate ? callOf("getGate", { id: gate.id }) : null;
};

const signal: Make = (context) => {
  const { picks } = context;
  const run = aRun(context, "WAITING", "RUNNING", "RUNNABLE", "STUCK");
  if (!run) return null;
  return callOf("sendSignal", {
    runId: run.id,
    name: picks.of(["go", "stop", "gate.timeout"].slice(0, picks.isLucky(5) ? 3 : 2)),
    by: actors.operator.id,
    ...(picks.isLucky(50) && { payload: { n: picks.below(2) } }),
    ...(picks.isLucky(15) && { idempotencyKey: "once" }),
    ...(picks.isLucky(30) && { actor: actors.operator }),
  });
};

const resolveEffect: Make = (context) => {
  const { picks } = context;
  const effect = anEffect(context, ({ status }) => status === "UNKNOWN");
  if (!effect) return null;
  const outcome = picks.of(["confirmed", "failed", "retry"] as const);
  return callOf("resolveEffect", { id: effect.id, outcome, reason: REASON, actor: picks.isLucky(5) ? actors.approver : actors.operator, ...(picks.isLucky(50) && { result: { ref: picks.below(3) } }) });
};

export const peoplesCommands = { decide, extend, lookAtGate, signal, resolveEffect };
