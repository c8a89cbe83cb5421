import { actors } from "@tape/store/testing";
import type { ValueWrite } from "@tape/store";
import { keyOf } from "../../model/index.ts";
import { callOf } from "../verbs.ts";
import { aRun, holderOf, runsOf, type Context, type Make } from "./context.ts";

function name(context: Context): { namespace: string; key: string } {
  const run = context.picks.isLucky(30) ? context.picks.maybeOf(runsOf(context)) : undefined;
  return run ? { namespace: `runs/${run.id}`, key: "progress" } : { namespace: "shop", key: context.picks.of(["price", "stock"]) };
}

function conditionOf(context: Context, { namespace, key }: { namespace: string; key: string }) {
  const { picks, model } = context;
  const version = model.values.get(keyOf(namespace, key))?.length ?? 0;
  const own = namespace.startsWith("runs/") ? model.runs.get(namespace.slice("runs/".length)) : undefined;
  const run = picks.isLucky(own ? 70 : 20) ? (own ?? aRun(context, "RUNNING")) : undefined;
  return {
    writer: "sdk:tested",
    ...(picks.isLucky(30) && { ifVersion: picks.isLucky(30) ? version + 1 : version }),
    ...(picks.isLucky(20) && { step: picks.of(["step/1", "step/2"]) }),
    ...(run && { fence: { runId: run.id, ...holderOf(context, run) } }),
  };
}

function valueOf({ picks }: Context): unknown {
  return picks.of<unknown>([{ done: picks.below(5), total: 5 }, { done: 1, total: picks.of([5, 6]) }, picks.below(3), null, "text"]);
}

const set: Make = (context) => {
  const { picks } = context;
  const which = name(context);
  return callOf("setValue", { ...which, ...conditionOf(context, which), value: valueOf(context), ...(picks.isLucky(15) && { ifNotLive: true }), ...(picks.isLucky(20) && { actor: actors.operator }) });
};

const remove: Make = (context) => {
  const which = name(context);
  return callOf("deleteValue", { ...which, ...conditionOf(context, which), ...(context.picks.isLucky(20) && { actor: actors.operator }) });
};

const writeMany: Make = (context) => {
  const writes = ["price", "stock"].map((key): ValueWrite => {
    const which = { namespace: "shop", key };
    return { ...which, ...conditionOf(context, which), value: context.picks.isLucky(25) ? null : JSON.stringify(valueOf(context)) };
  });
  return callOf("writeValues", writes);
};

const look: Make = (context) => {
  const which = name(context);
  return context.picks.of([callOf("getValue", which), callOf("valueHistory", { ...which, limit: 3 }), callOf("readVersions", { ...which, after: context.picks.below(4), limit: 2 })]);
};

export const valueCommands = { set, remove, writeMany, look };
