import type { RunCommit } from "@tape/store";
import type { Act, Choice, PersonAct } from "../src/schedule/index.ts";
import { keyOf } from "../src/model/index.ts";
import { VERBS, type Verbs } from "../src/world/index.ts";

/** A bug that somebody might write, and the invariants that may be the first to find it. */
export interface Plant {
  bug: string;
  found: readonly string[];
  /** Of the schedules that reach it, the first is within so many. */
  within: number;
  /** What makes it likely, besides what a schedule has. */
  besides?: readonly Choice[];
  verbs(): Verbs;
}

const at = (atMs: number, act: Act): Choice => ({ when: { atMs }, act });
const errand = (agent: "racer" | "patient" | "clumsy" | "payer", name: string, ms: number): Choice => at(0, { do: "start", agent, name, ms });
const person = (atMs: number, act: PersonAct): Choice => at(atMs, { do: "person", act, pick: 0, again: false });
const pause = (atMs: number, slot: string): Choice => at(atMs, { do: "pause", slot, forMs: 12_000 });
const lost = (to: "store" | "bank", call: string): Choice => at(50, { do: "break_calls", to, slot: null, call, times: 2, fault: { what: "answer_lost" } });

/** The model with one of its verbs broken. */
function broken<Name extends keyof Verbs>(name: Name, wrap: (verb: Verbs[Name]) => Verbs[Name]): Verbs {
  return { ...VERBS, [name]: wrap(VERBS[name]) };
}

export const PLANTS: readonly Plant[] = [
  {
    bug: "the fence is dropped: a driver that has lost its run goes on writing",
    found: ["one driver", "nothing recorded is asked again"],
    within: 200,
    besides: [errand("patient", "fenced", 2_000), pause(1_500, "worker 0")],
    verbs: () =>
      broken("commitRuns", (commitRuns) => (model, commits) =>
        commitRuns(
          model,
          commits.map((commit): RunCommit => {
            const run = model.runs.get(commit.runId);
            return run?.status === "RUNNING" && run.owner !== null ? { ...commit, owner: run.owner, epoch: run.epoch, first: run.recorded } : commit;
          }),
        ),
      ),
  },
  {
    bug: "a commit that is sent twice is not recognised",
    found: ["one driver", "one outcome per key", "states and records", "nothing recorded is asked again"],
    within: 200,
    besides: [errand("clumsy", "twice", 2_000), lost("store", "commitRuns")],
    verbs: () =>
      broken("commitRuns", (commitRuns) => (model, commits) =>
        commitRuns(
          model,
          commits.map((commit): RunCommit => {
            const run = model.runs.get(commit.runId);
            return run?.epoch === commit.epoch ? { ...commit, first: run.recorded } : commit;
          }),
        ),
      ),
  },
  {
    bug: "the inbox is not looked at when a run parks",
    found: ["nobody sleeps on what has come"],
    within: 300,
    verbs: () => broken("commitRuns", (commitRuns) => (model, commits) => commitRuns(model, commits.map((commit): RunCommit => (commit.end ? { ...commit, end: { ...commit.end, inbox: null } } : commit)))),
  },
  {
    bug: "the walk takes the oldest first",
    found: ["newest first"],
    within: 200,
    besides: [errand("clumsy", "walked", 101), person(5_000, "compensate")],
    verbs: () =>
      broken("nextReversal", (nextReversal) => (model, input) => {
        const turned = () => {
          for (const obligation of model.obligations.values()) obligation.position = -obligation.position;
        };
        turned();
        try {
          return nextReversal(model, input);
        } finally {
          turned();
        }
      }),
  },
  {
    bug: "COMPENSATED is said while something is still owed",
    found: ["honest compensation", "states and records"],
    within: 300,
    besides: [errand("clumsy", "honest", 101), person(5_000, "compensate")],
    verbs: () =>
      broken("nextReversal", (nextReversal) => (model, input) => {
        const owed = [...model.obligations.entries()].filter(([, { runId, status }]) => runId === input.runId && status === "REGISTERED");
        const [kept] = owed;
        if (owed.length !== 1 || !kept) return nextReversal(model, input);
        model.obligations.delete(kept[0]);
        try {
          return nextReversal(model, input);
        } finally {
          model.obligations.set(kept[0], kept[1]);
        }
      }),
  },
  {
    bug: "runs are driven only when a hint says so: what was missed is not looked for",
    found: ["every run gets on"],
    within: 100,
    besides: [errand("payer", "deaf", 500), at(0, { do: "deafen", slot: "worker 0", forMs: 20_000 })],
    verbs: () =>
      broken("claimRuns", (claimRuns) => (model, input) => {
        const old = [...model.runs.values()].filter(({ status, dueAt }) => status === "RUNNABLE" && model.now - dueAt > 400);
        for (const run of old) run.status = "WAITING";
        try {
          return claimRuns(model, input);
        } finally {
          for (const run of old) run.status = "RUNNABLE";
        }
      }),
  },
  {
    bug: "runs of a dead driver are never taken over",
    found: ["every run gets on"],
    within: 200,
    besides: [errand("patient", "orphan", 2_000), at(3_000, { do: "kill", slot: "worker 0", backInMs: 500 })],
    verbs: () => broken("takeOverRuns", () => () => ({ claims: [], stuck: [] })),
  },
  {
    bug: "a late outcome brings a cancelled run back",
    found: ["cancel is sticky", "states and records"],
    within: 300,
    besides: [errand("patient", "late", 500), person(7_000, "cancel")],
    verbs: () =>
      broken("recordLateOutcome", (recordLateOutcome) => (model, input) => {
        recordLateOutcome(model, input);
        const run = model.runs.get(input.runId);
        if (run?.status === "CANCELLED") run.status = "RUNNABLE";
      }),
  },
  {
    bug: "a late outcome settles an effect that has its outcome",
    found: ["one outcome per key", "states and records"],
    within: 600,
    besides: [errand("patient", "late", 500), pause(6_000, "worker 0")],
    verbs: () =>
      broken("recordLateOutcome", (recordLateOutcome) => (model, input) => {
        const effect = [...model.effects.values()].find(({ id }) => id === input.effectId);
        if (effect?.status === "CONFIRMED" || effect?.status === "FAILED") effect.status = "UNKNOWN";
        recordLateOutcome(model, input);
      }),
  },
  {
    bug: "a gate that is decided can be decided again",
    found: ["one outcome per gate", "states and records"],
    within: 100,
    verbs: () =>
      broken("decideGate", (decideGate) => (model, input) => {
        const decided = decideGate(model, input);
        const gate = [...model.gates.values()].find(({ id }) => id === input.id)!;
        if (gate.status === "DECIDED") Object.assign(gate, { status: "OPEN", outcome: null });
        return decided;
      }),
  },
  {
    bug: "the mark before a sending is not kept",
    found: ["sent at most once", "the ledger is the journal's"],
    within: 200,
    besides: [errand("clumsy", "sent", 3_001), { when: { slot: "worker 0", call: "markInFlight", nth: 1, moment: "answered" }, act: { do: "kill", slot: "worker 0", backInMs: 500 } }],
    verbs: () =>
      broken("markInFlight", (markInFlight) => (model, input) => {
        const marked = markInFlight(model, input);
        const effect = [...model.effects.values()].find(({ id }) => id === input.effectId);
        if (effect) effect.inFlightAt = null;
        return marked;
      }),
  },
  {
    bug: "a lost sending is taken for one that was not made",
    found: ["sent at most once"],
    within: 400,
    besides: [errand("clumsy", "sent", 3_001), lost("bank", "pay")],
    verbs: () => broken("recordDispatch", (recordDispatch) => (model, input) => recordDispatch(model, input.result.status === "unknown" ? { ...input, result: { status: "retry", error: { name: "Lost", message: "lost" } } } : input)),
  },
  {
    bug: "a lost sending is taken for a failed one",
    found: ["the ledger is the journal's", "one outcome per key"],
    within: 400,
    besides: [errand("clumsy", "sent", 3_001), lost("bank", "pay")],
    verbs: () => broken("recordDispatch", (recordDispatch) => (model, input) => recordDispatch(model, input.result.status === "unknown" ? { ...input, result: { status: "failed", error: { name: "Lost", message: "lost" } } } : input)),
  },
  {
    bug: "a value is written over whatever stands",
    found: ["versions rise by one"],
    within: 400,
    besides: [errand("patient", "one", 500), errand("patient", "two", 900)],
    verbs: () => broken("setValue", (setValue) => (model, { ifVersion: _, ifNotLive: __, ...input }) => setValue(model, input)),
  },
  {
    bug: "a business key is given to everybody who asks",
    found: ["one effect per business key"],
    within: 400,
    besides: [errand("clumsy", "first", 3_001), errand("clumsy", "second", 3_001)],
    verbs: () =>
      broken("reserveBusinessKey", (reserveBusinessKey) => (model, input) => {
        model.businessKeys.delete(keyOf(input.connector, input.businessKey));
        return reserveBusinessKey(model, input);
      }),
  },
  {
    bug: "a child that is started again is another child",
    found: ["one run per invocation"],
    within: 300,
    besides: [errand("racer", "parent", 300), lost("store", "startRun")],
    verbs: () => broken("startRun", (startRun) => (model, input) => startRun(model, input.invocationId === undefined ? input : { ...input, invocationId: `${input.invocationId} ${model.now}` })),
  },
  {
    bug: "an intent is not written",
    found: ["intent before act"],
    within: 50,
    verbs: () => broken("commitRuns", (commitRuns) => (model, commits) => commitRuns(model, commits.map((commit) => ({ ...commit, records: commit.records.filter(({ happening: { kind, verb } }) => kind !== "effect" || verb !== "intended") })))),
  },
  {
    bug: "answers of models are not handed back",
    found: ["nothing recorded is asked again", "every run gets on"],
    within: 200,
    verbs: () =>
      broken("readForDriver", (readForDriver) => (model, input) => {
        const reading = readForDriver(model, input);
        return reading && { ...reading, entries: reading.entries.filter(({ kind, verb }) => kind !== "decision" || verb !== "answered") };
      }),
  },
  {
    bug: "a decision is charged twice",
    found: ["the budget adds up"],
    within: 50,
    verbs: () =>
      broken("commitRuns", (commitRuns) => (model, commits) => {
        const outcomes = commitRuns(model, commits);
        for (const { runId, records } of commits) {
          for (const { happening } of records) if (happening.kind === "budget" && happening.verb === "settled") model.runs.get(runId)!.spentTokens += happening.payload.tokens;
        }
        return outcomes;
      }),
  },
  {
    bug: "a timer is fired before its handler has run",
    found: ["timers at least once", "states and records"],
    within: 100,
    verbs: () =>
      broken("claimTimers", (claimTimers) => (model, input) => {
        const timers = claimTimers(model, input);
        VERBS.timersHandled(model, timers.map(({ runId, id, claim }) => ({ runId, id, claim })));
        return timers;
      }),
  },
  {
    bug: "a sleep ends, and nobody writes it down",
    found: ["states and records", "nobody sleeps on what has come"],
    within: 50,
    verbs: () =>
      broken("fireDueTimers", () => (model) => {
        const due = [...model.timers.values()].filter(({ kind, status, fireAt }) => kind === "wake" && status === "ARMED" && fireAt <= model.now);
        for (const timer of due) timer.status = "FIRED";
        return { fired: due.length, more: false };
      }),
  },
  {
    bug: "an entry is written over",
    found: ["gapless journal"],
    within: 50,
    verbs: () =>
      broken("claimRuns", (claimRuns) => (model, input) => {
        const claims = claimRuns(model, input);
        for (const { runId } of claims) model.journals.get(runId)![0]!.payload = { input: "another" };
        return claims;
      }),
  },
  {
    bug: "an entry is lost",
    found: ["gapless journal"],
    within: 50,
    verbs: () =>
      broken("cancelRun", (cancelRun) => (model, input) => {
        const run = cancelRun(model, input);
        model.journals.get(input.id)!.pop();
        return run;
      }),
  },
];
