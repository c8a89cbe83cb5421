import type { Amounts, Entry, EntryOf } from "../../entry/index.ts";
import type { Wait } from "../../entry/run.ts";
import type { RunStatus } from "../../machine/run.ts";
import type { Run } from "../../wire/run.ts";
import { explainWaiting } from "../../words/why/explain-waiting.ts";
import { msOf } from "../../words/time.ts";
import { at } from "../fixed.ts";
import { effectsOf, obligationsOf } from "./effects.ts";
import { gatesOf } from "./gates.ts";

const LEASE_MS = 120_000;

/** The run's wire object as it stands after these entries, with `whyWaiting` of that moment. */
export function runOf(entries: readonly Entry[]): Run {
  const run = emptyRun();
  const state: State = { waits: [], dueAt: null, stuck: null, reservations: new Map() };
  for (const entry of entries) applyTo(run, entry, state);
  const effects = effectsOf(entries);
  run.unsettled = effects.filter(({ status }) => status === "PENDING" || status === "UNKNOWN").length;
  run.whyWaiting = explainWaiting({
    status: run.status,
    agent: run.agent,
    now: entries.at(-1)?.at ?? at(0),
    waits: state.waits,
    gates: gatesOf(entries).map((gate) => ({ ...gate, title: gate.display?.title ?? null, approvals: gate.decisions.filter(({ outcome }) => outcome === "approved").length })),
    effects: effects.map((effect) => ({ ...effect, sending: null })),
    obligations: obligationsOf(entries).toReversed().map((obligation) => ({ ...obligation, hasWorker: true })),
    lease: run.lease === null ? null : { ...run.lease, silentSince: null },
    dueAt: state.dueAt,
    stuckReason: state.stuck,
    workersForAgent: 2,
    pinned: null,
    settledAt: run.settledAt,
  });
  return run;
}

interface State {
  waits: Wait[];
  dueAt: string | null;
  stuck: Parameters<typeof explainWaiting>[0]["stuckReason"];
  /** What is set aside, by the key of its decision. */
  reservations: Map<string, Amounts>;
}

function emptyRun(): Run {
  return {
    id: "",
    app: "treasury",
    agent: "",
    version: null,
    invocationId: "",
    status: "RUNNABLE",
    endedAs: null,
    whyWaiting: [],
    cancelReason: null,
    cancelledBy: null,
    cancelledAt: null,
    cancelNoticedAt: null,
    settledAt: null,
    labels: {},
    startedBy: "",
    seq: 0,
    lease: null,
    budget: { capMicroUsd: 500_000, capTokens: null, spentMicroUsd: 0, spentTokens: 0, reservedMicroUsd: 0, reservedTokens: 0 },
    progress: null,
    unsettled: 0,
    createdAt: at(0),
    startedAt: null,
    endedAt: null,
    input: null,
    output: null,
    error: null,
  };
}

function applyBudget(run: Run, { verb, payload }: EntryOf<"budget">, { reservations }: State): void {
  if (verb === "reserved") reservations.set(payload.key, payload);
  if (verb === "settled") {
    reservations.delete(payload.key);
    run.budget = { ...run.budget, spentMicroUsd: run.budget.spentMicroUsd + payload.microUsd, spentTokens: run.budget.spentTokens + payload.tokens };
  }
  const held = [...reservations.values()];
  run.budget = { ...run.budget, reservedMicroUsd: held.reduce((sum, { microUsd }) => sum + microUsd, 0), reservedTokens: held.reduce((sum, { tokens }) => sum + tokens, 0) };
}

function applyTo(run: Run, entry: Entry, state: State): void {
  run.seq = entry.seq;
  if (entry.kind === "budget") applyBudget(run, entry, state);
  if (entry.kind === "value" && entry.verb === "written" && entry.payload.valueKey === "progress") run.progress = { done: entry.payload.version, total: 5 };
  // What gave up was settled by a person: the walk goes on.
  if (entry.kind === "obligation" && (entry.verb === "retried" || entry.verb === "waived" || entry.verb === "compensated") && run.status === "STUCK") run.status = "COMPENSATING";
  if (entry.kind !== "run") return;
  const leave = (status: RunStatus) => {
    run.status = status;
    run.lease = null;
  };
  const end = (status: "COMPLETED" | "FAILED") => {
    leave(status);
    run.endedAs = status;
    run.endedAt = run.settledAt = entry.at;
  };
  switch (entry.verb) {
    case "started": {
      const { agent, input, invocationId, labels, startedBy, version } = entry.payload;
      Object.assign(run, { id: entry.runId, agent, version, invocationId, input, labels, startedBy, createdAt: entry.at });
      return;
    }
    case "claimed": {
      const { epoch, owner } = entry.payload;
      run.lease = { owner, epoch, expiresAt: new Date(msOf(entry.at) + LEASE_MS).toISOString() };
      run.startedAt ??= entry.at;
      if (run.status !== "COMPENSATING") run.status = "RUNNING";
      state.waits = [];
      return;
    }
    case "parked":
      state.waits = entry.payload.waits;
      return leave("WAITING");
    case "released":
      state.dueAt = entry.payload.dueAt;
      return leave("RUNNABLE");
    case "redriven":
      return leave("RUNNABLE");
    case "completed":
      run.output = entry.payload.output;
      return end("COMPLETED");
    case "failed":
      run.error = entry.payload.error;
      return end("FAILED");
    case "stuck":
      state.stuck = entry.payload.reason;
      return leave("STUCK");
    case "cancelled":
      Object.assign(run, { status: "CANCELLED", endedAs: "CANCELLED", cancelReason: entry.payload.reason, cancelledBy: entry.payload.by, cancelledAt: entry.at, endedAt: entry.at });
      if (entry.payload.settled) run.settledAt = entry.at;
      return;
    case "cancel_noticed":
      run.cancelNoticedAt = entry.at;
      return;
    case "settled":
      run.settledAt = entry.at;
      run.lease = null;
      return;
    case "compensating":
      return leave("COMPENSATING");
    case "walk_claimed":
      run.lease = { owner: entry.payload.owner, epoch: entry.payload.epoch, expiresAt: new Date(msOf(entry.at) + LEASE_MS).toISOString() };
      return;
    case "walk_released":
      run.lease = null;
      return;
    case "compensated":
      return leave("COMPENSATED");
    case "sampled":
    case "child":
      return;
  }
}
