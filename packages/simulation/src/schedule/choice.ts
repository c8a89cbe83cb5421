import type { AgentName, BankFaults, WorkerSettings } from "../town/index.ts";
import type { CallFault, Moment } from "../world/index.ts";

/** When a choice is made: at a time, or when a call of a process is somewhere on its way for the nth time. */
export type When = { atMs: number } | { slot: string; call: string; nth: number; moment: Moment };

/** What a person does, on something that it fits: `pick` says which. */
export type PersonAct = "approve" | "reject" | "extend" | "cancel" | "cancel_stuck" | "compensate" | "redrive" | "resolve_effect" | "resolve_obligation" | "signal" | "redrive_timer" | "write_value";

/** One thing that happens in a schedule, because of nothing else in it. */
export type Act =
  | { do: "start"; agent: AgentName; name: string; ms: number }
  /** As by `kill -9`; another worker is started in its place. */
  | { do: "kill"; slot: string; backInMs: number }
  /** As by SIGSTOP and SIGCONT. */
  | { do: "pause"; slot: string; forMs: number }
  /** As by SIGTERM; another worker is started in its place. */
  | { do: "stop"; slot: string; backInMs: number }
  | { do: "cut"; slot: string; forMs: number }
  | { do: "deafen"; slot: string; forMs: number }
  | { do: "shift_clock"; slot: string; byMs: number }
  | { do: "restart_database"; forMs: number }
  | { do: "break_calls"; to: "store" | "bank"; slot: string | null; call: string | null; times: number; fault: CallFault }
  | { do: "bank"; fault: keyof BankFaults; times: number }
  /** From here on somebody looks after open gates this often, until the trouble is over. */
  | { do: "attend"; everyMs: number }
  | { do: "person"; act: PersonAct; pick: number; again: boolean };

export interface Choice {
  when: When;
  act: Act;
}

/** Everything that decides what happens, besides the code. */
export interface Schedule {
  seed: number;
  /** Their clocks differ from the database's by so much (ms). */
  workers: { slot: string; skewMs: number }[];
  settings: WorkerSettings;
  choices: Choice[];
}
