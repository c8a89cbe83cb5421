import { AGENTS, type BankFaults } from "../town/index.ts";
import { createRandom, hashOf, type CallFault, type Moment, type Random } from "../world/index.ts";
import type { Act, Choice, PersonAct, Schedule, When } from "./choice.ts";

/** For how long things go wrong (ms). */
export const TROUBLE_MS = 20_000;

const CALLS = [
  "commitRuns", "commitRuns", "commitRuns", "commitRuns", "claimRuns", "readForDriver", "markInFlight", "recordDispatch", "recordObservation", "claimOutbox",
  "claimEffectsToCheck", "recordLateOutcome", "renewLeases", "takeOverRuns", "claimWalks", "nextReversal", "recordReversal", "noticeCancel", "settleRun", "unparkRun",
  "claimTimers", "timersHandled", "fireDueTimers", "startRun", "setValue", "sendSignal", "reserveBusinessKey", "recordDuplicate", "registerWorker",
] as const;
const BANK_CALLS = ["pay", "pay", "pay", "find", "reverse", "model"] as const;
const MOMENTS: readonly Moment[] = ["asked", "applied", "answered"];
const PERSON_ACTS: readonly PersonAct[] = [
  "approve", "approve", "approve", "approve", "reject", "extend", "cancel", "cancel", "cancel", "compensate", "compensate", "compensate", "redrive",
  "resolve_effect", "resolve_effect", "resolve_obligation", "resolve_obligation", "signal", "signal", "redrive_timer", "write_value",
];

/** The schedule of a seed. Each of its choices is drawn by itself, so that leaving one out changes no other. */
export function generate(seed: number): Schedule {
  const random = createRandom(hashOf(seed, "schedule"));
  const slots = Array.from({ length: random.pick([1, 2, 2, 2, 3]) }, (_, place) => `worker ${place}`);
  const draw = (what: string, place: number): Random => createRandom(hashOf(seed, what, place));
  const many = (what: string, count: number, make: (random: Random, place: number) => Choice): Choice[] => Array.from({ length: count }, (_, place) => make(draw(what, place), place));
  return {
    seed,
    workers: slots.map((slot) => ({ slot, skewMs: random.pick([0, 0, 60_000, -60_000, random.whole(-60_000, 60_000)]) })),
    settings: { leaseTtlMs: random.pick([4_000, 9_000, 15_000]), concurrency: random.pick([4, 10]) },
    choices: [
      ...many("start", random.whole(1, 3), (of, place) => ({ when: { atMs: of.whole(0, 4_000) }, act: { do: "start", agent: of.pick(AGENTS), name: `errand-${place}`, ms: of.whole(100, 3_000) } })),
      ...many("attend", random.pick([0, 1, 1]), (of) => ({ when: { atMs: of.whole(0, 3_000) }, act: { do: "attend", everyMs: of.whole(300, 2_500) } })),
      ...many("fault", random.pick([0, 1, 2, 3, 4, 6, 9]), (of) => ({ when: whenOf(of, slots), act: faultOf(of, slots) })).flatMap(withItsLike),
      ...many("person", random.pick([0, 2, 4, 6, 9]), (of) => ({ when: whenOf(of, slots), act: { do: "person", act: of.pick(PERSON_ACTS), pick: of.whole(0, 1_000), again: of.happens(0.15) } })),
    ],
  };
}

/** What the bank books twice is only found when somebody has to ask. */
function withItsLike(choice: Choice): Choice[] {
  if (choice.act.do !== "bank" || choice.act.fault !== "twice") return [choice];
  return [choice, { ...choice, act: { do: "break_calls", to: "bank", slot: null, call: "pay", times: choice.act.times, fault: { what: "answer_lost" } } }];
}

/** Half of them at a boundary, where most goes wrong; the others sooner rather than later, while something is going on. */
function whenOf(of: Random, slots: readonly string[]): When {
  if (of.happens(0.5)) return { atMs: Math.floor(of.next() ** 1.7 * TROUBLE_MS) };
  const isBank = of.happens(0.3);
  return { slot: of.pick(slots), call: isBank ? of.pick(BANK_CALLS) : of.pick(CALLS), nth: 1 + Math.floor(of.next() ** 2 * 12), moment: of.pick(MOMENTS) };
}

function faultOf(of: Random, slots: readonly string[]): Act {
  const slot = of.pick(slots);
  const backInMs = of.whole(200, 6_000);
  switch (of.pick(["kill", "kill", "kill", "pause", "pause", "stop", "cut", "deafen", "shift_clock", "restart_database", "store", "store", "store", "bank", "bank", "bank", "bank_fault", "bank_fault", "bank_fault"] as const)) {
    case "kill":
      return { do: "kill", slot, backInMs };
    case "pause":
      return { do: "pause", slot, forMs: of.pick([300, 2_000, 6_000, 12_000, 18_000]) };
    case "stop":
      return { do: "stop", slot, backInMs };
    case "cut":
      return { do: "cut", slot, forMs: of.pick([500, 3_000, 12_000]) };
    case "deafen":
      return { do: "deafen", slot, forMs: of.pick([5_000, 20_000]) };
    case "shift_clock":
      return { do: "shift_clock", slot, byMs: of.whole(-60_000, 60_000) };
    case "restart_database":
      return { do: "restart_database", forMs: of.pick([50, 800, 4_000]) };
    case "store":
      return { do: "break_calls", to: "store", slot: of.happens(0.5) ? slot : null, call: of.happens(0.8) ? of.pick(CALLS) : null, times: of.whole(1, 3), fault: callFaultOf(of) };
    case "bank":
      return { do: "break_calls", to: "bank", slot: null, call: of.pick(BANK_CALLS), times: of.whole(1, 4), fault: callFaultOf(of) };
    case "bank_fault":
      return { do: "bank", fault: of.pick(["refuse", "busy", "twice", "twice", "confused", "stubborn", "deny", "deny", "deny"] as const satisfies (keyof BankFaults)[]), times: of.pick([1, 1, 3, 7]) };
  }
}

function callFaultOf(of: Random): CallFault {
  switch (of.pick(["refused", "answer_lost", "answer_lost", "silent", "late", "slow"] as const)) {
    case "refused":
      return { what: "refused" };
    case "answer_lost":
      return { what: "answer_lost" };
    case "silent":
      return { what: "silent" };
    case "late":
      return { what: "late", byMs: of.pick([20, 500, 3_000]) };
    case "slow":
      return { what: "slow", thereMs: of.pick([0, 300, 2_000, 8_000]), backMs: of.pick([0, 300, 2_000, 8_000]) };
  }
}
