import { effectMachine, gateMachine, obligationMachine, runMachine, timerMachine, valueMachine, type Machine } from "@tape/core";
import type { Model } from "../model/index.ts";
import { triedBy, type Tried } from "./tried.ts";
import type { Call } from "./verbs.ts";

export const MACHINES: readonly Machine<string, string>[] = [runMachine, effectMachine, gateMachine, obligationMachine, timerMachine, valueMachine];

/** What the tables allow and nothing does: a drive that was lost too often is stopped as it is taken over, while it is RUNNING. */
const NEVER = new Set(["run RUNNABLE: stop_stuck"]);

/** Which events of the machines were tried in which states, and which of those happened. */
export class Tally {
  private readonly tried = new Set<string>();
  private readonly happened = new Set<string>();

  before(model: Model, call: Call): { after(model: Model): void } {
    const attempts = triedBy(model, call);
    for (const attempt of attempts) this.tried.add(nameOf(attempt));
    return {
      after: () => {
        for (const attempt of attempts) if (legalTargets(attempt).includes(attempt.read() ?? "")) this.happened.add(nameOf(attempt));
      },
    };
  }

  /** Does no table allow anything that this call tries? */
  isRefused(model: Model, call: Call): boolean {
    return triedBy(model, call).every((attempt) => legalTargets(attempt).length === 0);
  }

  /** Pairs of a state and an event that no command has tried, or that the table allows and that never happened. */
  missing(): string[] {
    return MACHINES.flatMap((machine) => pairsOf(machine).flatMap(({ name, isLegal }) => (this.tried.has(name) && (!isLegal || this.happened.has(name)) ? [] : [`${name}${this.tried.has(name) ? " never happened" : ""}`])));
  }

  get size(): number {
    return this.tried.size;
  }
}

/** Births are tried from nothing; every other event from every state. */
function pairsOf(machine: Machine<string, string>): { name: string; isLegal: boolean }[] {
  const isLegal = (state: string | null, event: string) => machine.transitions.some((row) => row.event === event && (state === null ? row.from === null : row.from?.includes(state)));
  const events = [...new Set(machine.transitions.map(({ event }) => event))];
  const births = events.filter((event) => isLegal(null, event)).map((event) => ({ name: `${machine.name}: ${event}`, isLegal: true }));
  const others = events.filter((event) => machine.transitions.some((row) => row.event === event && row.from !== null));
  return [...births, ...others.flatMap((event) => machine.states.map((state) => pairOf(machine, state, event)))];
}

function pairOf(machine: Machine<string, string>, state: string, event: string): { name: string; isLegal: boolean } {
  return { name: nameOf({ machine, state, event }), isLegal: legalTargets({ machine, state, event }).length > 0 };
}

function nameOf({ machine, state, event }: Pick<Tried, "machine" | "state" | "event">): string {
  return `${machine.name}${state === null ? "" : ` ${state}`}: ${event}`;
}

function legalTargets({ machine, state, event }: Pick<Tried, "machine" | "state" | "event">): readonly string[] {
  if (NEVER.has(nameOf({ machine, state, event }))) return [];
  return machine.transitions.flatMap((row) => (row.event === event && (state === null ? row.from === null : row.from?.includes(state)) ? row.to : []));
}
