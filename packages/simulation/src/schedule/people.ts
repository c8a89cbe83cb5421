import { TapeError } from "@tape/core";
import type { Actor } from "@tape/store";
import type { EffectRow, GateRow, ObligationRow, RunRow } from "../model/index.ts";
import type { Town } from "../town/index.ts";
import type { Given, VerbName, World } from "../world/index.ts";
import type { PersonAct } from "./choice.ts";

const OPERATOR: Actor = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" };
const APPROVERS: readonly Actor[] = ["ann", "ben", "cem"].map((name) => ({ id: `user:${name}@example.com`, email: `${name}@example.com`, role: "approver" as const }));

/** People, at consoles that work: what they ask for is done at once, or refused. They say of the bank what is true. */
export class People {
  /** How often each act was taken, and how often there was something to act on. */
  readonly counts: Record<string, number> = {};

  constructor(
    private readonly world: World,
    private readonly town: Town,
    private readonly hooks: {
      /** Could somebody still send it who stands still? Then a person does not say that it did not happen. */
      mayStillBeSent(key: string): boolean;
    },
  ) {}

  /** False: there was nothing that it fits, or it was refused. */
  act(what: PersonAct, pick: number): boolean {
    const isDone = this.try(what, pick);
    if (isDone) this.counts[what] = (this.counts[what] ?? 0) + 1;
    return isDone;
  }

  private get model() {
    return this.world.database.model;
  }

  private try(what: PersonAct, pick: number): boolean {
    const { model } = this;
    const runs = [...model.runs.values()];
    switch (what) {
      case "approve":
      case "reject":
        return this.onGate(pick, (gate) => this.decide(gate, what === "approve" ? "approved" : "rejected", pick));
      case "extend":
        return this.onGate(pick, ({ id }) => this.say("extendGate", { id, actor: OPERATOR, forMs: 4_000, reason: "not yet" }));
      case "cancel":
        return this.onOne(pick, runs, isLive, ({ id }) => this.say("cancelRun", { id, reason: "no longer wanted", actor: OPERATOR }));
      case "compensate":
        return this.onOne(pick, runs, hasEnded, ({ id }) => this.say("compensateRun", { id, reason: "taken back", actor: OPERATOR }));
      case "redrive":
        return this.onOne(pick, runs, ({ status, endedAs }) => status === "WAITING" || (status === "STUCK" && endedAs === null), ({ id }) => this.say("redriveRun", { id, reason: "again", actor: OPERATOR }));
      case "resolve_effect":
        return this.onOne(pick, [...model.effects.values()], ({ status }) => status === "UNKNOWN", (effect) => this.resolve(effect));
      case "resolve_obligation":
        return this.onOne(pick, [...model.obligations.values()], ({ status }) => status === "STUCK", (obligation) => this.settle(obligation, pick));
      case "signal":
        return this.onOne(pick, runs, isLive, ({ id }) => this.say("sendSignal", { runId: id, name: "go", payload: pick, by: OPERATOR.id, actor: OPERATOR }));
      case "cancel_stuck":
        return this.onOne(pick, runs, ({ status, endedAs }) => status === "STUCK" && endedAs === null, ({ id }) => this.say("cancelRun", { id, reason: "it is stuck", actor: OPERATOR }));
      case "redrive_timer":
        return this.onOne(pick, runs, isLive, ({ id }) => this.say("setTimer", { runId: id, id: "by hand", kind: "redrive", inMs: pick, by: OPERATOR.id }));
      case "write_value":
        return this.say("setValue", { namespace: "town", key: "tally", value: pick, writer: OPERATOR.id });
    }
  }

  private onGate(pick: number, act: (gate: GateRow) => boolean): boolean {
    return this.onOne(pick, [...this.model.gates.values()], ({ status }) => status === "OPEN", act);
  }

  private onOne<Row>(pick: number, rows: readonly Row[], fits: (row: Row) => boolean, act: (row: Row) => boolean): boolean {
    const found = rows.filter(fits);
    return found.length > 0 && act(found[pick % found.length]!);
  }

  private decide({ id, name, fingerprint, votes }: GateRow, outcome: "approved" | "rejected", pick: number): boolean {
    const actor = APPROVERS[votes.length % APPROVERS.length]!;
    return this.say("decideGate", { id, actor, outcome, fingerprint, values: name === "more" ? { addTokens: 100 * (pick % 2) } : {} });
  }

  /** Looks at the bank's books first. */
  private resolve({ id, key, semantics, runId }: EffectRow): boolean {
    const { bank } = this.town;
    if ((bank.underWay.get(key) ?? 0) > 0) return false;
    const [booked] = bank.payments.filter((each) => each.key === key);
    const settle = (outcome: "confirmed" | "failed" | "retry", result?: unknown) => this.say("resolveEffect", { id, outcome, reason: "seen at the bank", result, actor: OPERATOR });
    if (booked) return settle("confirmed", { ref: booked.ref });
    if (semantics !== "NON_IDEMPOTENT" && isLive(this.model.runs.get(runId)!)) return settle("retry");
    return !this.hooks.mayStillBeSent(key) && settle("failed");
  }

  /** Tries again, does it by hand, or lets it be. */
  private settle({ id, payload, effectKey }: ObligationRow, pick: number): boolean {
    const outcome = (["retry", "done", "waived"] as const)[pick % 3]!;
    const isDone = this.say("resolveObligation", { id, outcome, reason: "looked after", actor: OPERATOR });
    if (isDone && outcome === "done") {
      const { result, externalRef, copy } = JSON.parse(payload) as { result: { ref: string }; externalRef?: string; copy?: { ref: string } };
      const ref = copy?.ref ?? externalRef ?? result.ref;
      const payment = this.town.bank.payments.find((each) => each.ref === ref);
      if (payment) payment.reversedBy ??= `by hand, of ${effectKey}`;
    }
    return isDone;
  }

  private say<Name extends VerbName>(verb: Name, ...given: Given<Name>): boolean {
    try {
      const { hints } = this.world.database.say(null, verb, ...given);
      this.world.hints.publish(hints, null);
      return true;
    } catch (error) {
      // Refused: somebody was faster, or it does not go.
      if (TapeError.is(error)) return false;
      throw error;
    }
  }
}

function isLive({ status }: RunRow): boolean {
  return status === "RUNNABLE" || status === "RUNNING" || status === "WAITING";
}

function hasEnded({ status }: RunRow): boolean {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";
}
