import type { Entry, Wait } from "@tape/core";
import type { Arrival, Outcome } from "./step.ts";

interface Waiter {
  wait: Wait;
  arrived(arrival: Arrival): void;
}

/** The set of things a run waits for (D9), and the signals that came before anybody asked for them. */
export class Waiting {
  private readonly waiters = new Map<string, Waiter>();
  private signals: { signalId: string; name: string; payload: unknown }[] = [];

  /** `key` of the step that waits. */
  add(key: string, wait: Wait, arrived: (arrival: Arrival) => void): void {
    this.waiters.set(key, { wait, arrived });
  }

  remove(key: string): void {
    this.waiters.delete(key);
  }

  all(): Wait[] {
    return [...this.waiters.values()].map(({ wait }) => wait);
  }

  early(signals: readonly { signalId: string; name: string; payload: unknown }[]): void {
    this.signals.push(...signals);
  }

  takeSignal(name: string): { signalId: string; payload: unknown } | null {
    const place = this.signals.findIndex((signal) => signal.name === name);
    const [taken] = place < 0 ? [] : this.signals.splice(place, 1);
    return taken ?? null;
  }

  /** Tells whoever waits for what this entry brings. Entries of the driver itself bring nothing. */
  arrive(entry: Entry): void {
    if (entry.kind === "gate" && (entry.verb === "decided" || entry.verb === "timed_out")) {
      const { payload } = entry;
      const outcome =
        entry.verb === "decided"
          ? { gateId: payload.gateId, outcome: entry.payload.outcome, values: entry.payload.values, comment: entry.payload.comment, decidedBy: entry.payload.decidedBy, decidedAt: entry.payload.decidedAt }
          : { gateId: payload.gateId, outcome: "timed_out", values: null, comment: null, decidedBy: null, decidedAt: payload.decidedAt };
      this.tell((wait) => wait.on === "gate" && wait.gateId === payload.gateId, { on: "gate", outcome });
    } else if (entry.kind === "signal" && entry.verb === "received") {
      const { signalId, name, payload } = entry.payload;
      const told = this.tell((wait) => wait.on === "signal" && wait.name === name, { on: "signal", signalId, payload });
      if (!told) this.signals.push({ signalId, name, payload });
    } else if (entry.kind === "signal" && entry.verb === "timed_out") {
      const { key } = entry.payload;
      this.tell((wait) => wait.on === "signal" && wait.key === key, { on: "signal_timeout" });
    } else if (entry.kind === "timer" && entry.verb === "fired") {
      const { timerId } = entry.payload;
      this.tell((wait) => wait.on === "sleep" && wait.timerId === timerId, { on: "sleep" });
    } else if (entry.kind === "effect") {
      this.arriveEffect(entry);
    }
  }

  private arriveEffect(entry: Extract<Entry, { kind: "effect" }>): void {
    const { effectId } = entry.payload;
    const isIt = (wait: Wait) => wait.on === "effect" && wait.effectId === effectId;
    if (entry.verb === "retried") return void this.tell(isIt, { on: "effect_retry" });
    if ((entry.verb !== "confirmed" && entry.verb !== "failed") || entry.payload.by === "driver") return;
    const outcome: Outcome =
      entry.verb === "failed"
        ? { ok: false, error: entry.payload.error }
        : entry.payload.notStorable !== undefined
          ? { ok: false, error: { name: "ResultNotStorable", message: entry.payload.notStorable, code: "result_not_storable" } }
          : { ok: true, value: entry.payload.result };
    this.tell(isIt, { on: "effect", outcome });
  }

  /** The oldest waiter of the kind; it waits no more. */
  private tell(isIt: (wait: Wait) => boolean, arrival: Arrival): boolean {
    for (const [key, waiter] of this.waiters) {
      if (!isIt(waiter.wait)) continue;
      this.waiters.delete(key);
      waiter.arrived(arrival);
      return true;
    }
    return false;
  }
}
