import type { DriverRecord } from "@tape/store";
import type { Model, RunRow } from "../../model/index.ts";
import type { Context } from "./context.ts";
import { stepKey } from "./steps.ts";

interface Asked {
  key: string;
  index: number;
}

/** Decisions without an answer, and what was set aside for each. */
function openDecisions(model: Model, run: RunRow): (Asked & { reserved: { microUsd: number; tokens: number } | null })[] {
  const open = new Map<string, Asked & { reserved: { microUsd: number; tokens: number } | null }>();
  const set = new Map<string, { microUsd: number; tokens: number }>();
  for (const { kind, verb, payload } of model.journals.get(run.id) ?? []) {
    const { key, index, microUsd, tokens } = payload as Asked & { microUsd: number; tokens: number };
    if (kind === "budget" && verb === "reserved") set.set(key, { microUsd, tokens });
    if (kind === "decision" && verb === "asked") open.set(key, { key, index, reserved: set.get(key) ?? null });
    if (kind === "decision" && verb !== "asked") open.delete(key);
  }
  return [...open.values()];
}

/** A model call: asked for, or answered, with what it does to the budget. */
export function decisionRecords(context: Context, run: RunRow, place: number): DriverRecord[] {
  const { picks, model } = context;
  const open = openDecisions(model, run)[place];
  if (!open) return ask(context, run, place);
  const { key, index, reserved } = open;
  const usage = { inputTokens: 3, outputTokens: picks.below(5), ...(picks.isLucky(50) && { costMicroUsd: 40 }) };
  const isFailed = picks.isLucky(25);
  const cost = isFailed ? { microUsd: 0, tokens: 0 } : { microUsd: usage.costMicroUsd ?? 10, tokens: usage.inputTokens + usage.outputTokens };
  const answer: DriverRecord = isFailed
    ? { happening: { kind: "decision", verb: "failed", payload: { key, index, error: { name: "Overloaded", message: "later" }, durationMs: 5 } } }
    : { happening: { kind: "decision", verb: "answered", payload: { key, index, response: { go: true }, ...(picks.isLucky(70) && { usage }), durationMs: 5 } } };
  return reserved ? [answer, { happening: { kind: "budget", verb: "settled", payload: { key, ...cost } }, reservation: reserved }] : [answer];
}

function ask(context: Context, run: RunRow, place: number): DriverRecord[] {
  const { picks } = context;
  const key = stepKey(run, "plan", `${context.number}.${place}`);
  if (picks.isLucky(10)) return [{ happening: { kind: "budget", verb: "exceeded", payload: { key, cap: { tokens: 5 }, spent: { microUsd: 1, tokens: 6 } } } }];
  const raised: DriverRecord[] = picks.isLucky(15) ? [{ happening: { kind: "budget", verb: "raised", payload: { key, gateId: "gate_of_budget", by: "user:ann", added: { microUsd: 5, tokens: 5 }, cap: { tokens: 60 } } } }] : [];
  const reserved: DriverRecord[] = picks.isLucky(50) ? [{ happening: { kind: "budget", verb: "reserved", payload: { key, microUsd: 10, tokens: 4, ...(picks.isLucky(30) && { cap: { microUsd: 500 } }) } } }] : [];
  const asked: DriverRecord = { happening: { kind: "decision", verb: "asked", payload: { key, index: place, name: "plan", model: "small", request: "?", fingerprint: "", attempt: 1 } } };
  return [...raised, ...reserved, asked];
}
