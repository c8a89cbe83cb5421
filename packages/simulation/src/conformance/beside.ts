import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./answer.ts";
import { differences } from "./projection/differences.ts";
import type { IdealSide } from "./sides.ts";
import type { Model } from "../model/index.ts";
import type { Call, VerbName } from "./verbs.ts";

/** One order in which two calls may have happened. */
export interface Order {
  name: string;
  side: IdealSide;
  /** What of the answers this order does not explain. */
  fits(answers: readonly Answer[]): string[];
}

/** Pass over what somebody else holds at the moment. */
const PASSING: ReadonlySet<VerbName> = new Set(["claimRuns", "takeOverRuns", "settleAbandonedRuns", "claimTimers", "fireDueTimers", "claimEffectsToCheck", "claimOutbox", "claimDuplicates", "claimWalks"]);

/** Read their answer after they are through: it may show what the other one did. */
const READ_AFTER: ReadonlySet<VerbName> = new Set([
  "startRun",
  "cancelRun",
  "redriveRun",
  "compensateRun",
  "decideGate",
  "extendGate",
  "recordObservation",
  "resendEffect",
  "resolveEffect",
  "recordDispatch",
  "recordDuplicate",
  "resolveObligation",
]);

/** One after the other, in either order; what passes over what is held may also have left the other's runs alone. */
export function serialOrders(before: IdealSide, calls: readonly [Call, Call], commands: readonly [number, number]): Order[] {
  const orders = ([[0, 1], [1, 0]] as const).flatMap(([first, second]) => {
    const plain = inOrder(before, calls, commands, [first, second], null);
    if (!PASSING.has(calls[second].verb)) return [plain];
    return [plain, inOrder(before, calls, commands, [first, second], touched(before, calls[first], commands[first]))];
  });
  return orders;
}

function inOrder(before: IdealSide, calls: readonly Call[], commands: readonly number[], [first, second]: readonly [number, number], held: ReadonlySet<string> | null): Order {
  const side = before.copy();
  const answers: Answer[] = [];
  answers[first] = side.do(calls[first]!, commands[first]!);
  answers[second] = held === null ? side.do(calls[second]!, commands[second]!) : without(side.model, held, () => side.do(calls[second]!, commands[second]!));
  return {
    name: `${calls[first]!.verb}, then ${calls[second]!.verb}${held === null ? "" : " passing it over"}`,
    side,
    fits: (given) => given.flatMap((answer, place) => (same(calls[place]!.verb, answer, answers[place]!) ? [] : [`answer ${place + 1} would be ${JSON.stringify(answers[place])}`])),
  };
}

function same(verb: VerbName, given: Answer, expected: Answer): boolean {
  if (READ_AFTER.has(verb) && "value" in given) return "value" in expected;
  return isDeepStrictEqual(given, expected);
}

/** The runs that a call changes something of, or is about. */
function touched(before: IdealSide, call: Call, command: number): Set<string> {
  const after = before.copy();
  after.do(call, command);
  const text = differences(before.read(), after.read()).join("\n") + JSON.stringify(call.input);
  const { runs, effects, obligations, gates, timers } = before.model;
  const things = [effects, obligations, gates, timers].flatMap((rows) => [...rows.values()]);
  const named = (id: string) => text.includes(id);
  return new Set([...[...runs.keys()].filter(named), ...things.filter(({ id }) => named(id)).map(({ runId }) => runId)]);
}

/** Does something as if these runs were not there. */
function without<T>(model: Model, runIds: ReadonlySet<string>, work: () => T): T {
  const maps: Map<string, { runId: string }>[] = [model.effects, model.obligations, model.gates, model.timers];
  const hidden = [...runIds].flatMap((id) => (model.runs.has(id) ? [model.runs.get(id)!] : []));
  const rows = maps.map((map) => [...map].filter(([, { runId }]) => runIds.has(runId)));
  for (const { id } of hidden) model.runs.delete(id);
  maps.forEach((map, place) => rows[place]!.forEach(([key]) => map.delete(key)));
  try {
    return work();
  } finally {
    for (const run of hidden) model.runs.set(run.id, run);
    maps.forEach((map, place) => rows[place]!.forEach(([key, row]) => map.set(key, row)));
  }
}

/** A model to look at, in which there are only these runs. */
export function onlyOf(model: Model, runIds: ReadonlySet<string>): Model {
  const own = <Row extends { runId: string }>(rows: ReadonlyMap<string, Row>) => new Map([...rows].filter(([, { runId }]) => runIds.has(runId)));
  return {
    ...model,
    runs: new Map([...model.runs].filter(([id]) => runIds.has(id))),
    effects: own(model.effects),
    obligations: own(model.obligations),
    gates: own(model.gates),
    timers: own(model.timers),
  };
}
