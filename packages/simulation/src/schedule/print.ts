import type { CallFault } from "../world/index.ts";
import type { Act, Choice, Schedule, When } from "./choice.ts";
import type { Ended } from "./run.ts";

/** What did not hold, and a schedule that shows it, for somebody who has never seen one. */
export function describe({ violation, schedule, lastedMs }: Ended, { original, command }: { original: Ended; command: string }): string {
  if (!violation) return `Seed ${schedule.seed}: all held, in ${seconds(lastedMs)} of its own time.`;
  const before = original.schedule.choices.length;
  return [
    `Seed ${schedule.seed} breaks an invariant: ${violation.invariant}`,
    `  ${violation.what}`,
    `  at ${seconds(violation.atMs)} of the schedule`,
    "",
    `The smallest schedule found that breaks it (${schedule.choices.length} of ${before} choices):`,
    ...lines(schedule),
    "",
    `See it step by step: ${command}`,
  ].join("\n");
}

/** A schedule in sentences. */
export function lines({ workers, settings, choices }: Schedule): string[] {
  const clocks = workers.map(({ slot, skewMs }) => `${slot}${skewMs === 0 ? "" : ` (its clock is ${skewMs > 0 ? "+" : ""}${skewMs} ms off)`}`);
  return [`  workers: ${clocks.join(", ")}; leases of ${seconds(settings.leaseTtlMs)}, ${settings.concurrency} runs at a time`, ...choices.map((choice) => `  ${line(choice)}`)];
}

function line({ when, act }: Choice): string {
  return `${whenOf(when)}: ${what(act)}`;
}

function whenOf(when: When): string {
  if ("atMs" in when) return `at ${seconds(when.atMs)}`;
  const { slot, call, nth, moment } = when;
  const where = { asked: "is sent", applied: "is done and not yet answered", answered: "is answered" }[moment];
  return `when ${call} no. ${nth} of ${slot} ${where}`;
}

function what(act: Act): string {
  switch (act.do) {
    case "start":
      return `start ${act.name} of ${act.agent} (${act.ms} ms)`;
    case "kill":
      return `kill -9 ${act.slot}; another takes its place after ${seconds(act.backInMs)}`;
    case "pause":
      return `${act.slot} stands still for ${seconds(act.forMs)} (SIGSTOP)`;
    case "stop":
      return `${act.slot} stops in order; another takes its place`;
    case "cut":
      return `${act.slot} reaches nobody for ${seconds(act.forMs)}`;
    case "deafen":
      return `no hint reaches ${act.slot} for ${seconds(act.forMs)}`;
    case "shift_clock":
      return `the clock of ${act.slot} jumps to ${act.byMs} ms off`;
    case "restart_database":
      return `the database restarts, and is away for ${seconds(act.forMs)}`;
    case "break_calls":
      return `the next ${times(act.times)}${act.call ?? "call"} ${act.slot ? `of ${act.slot} ` : ""}to the ${act.to} ${how(act.fault)}`;
    case "bank":
      return `the bank: ${act.fault}, ${act.times} times`;
    case "attend":
      return `from here on somebody decides a gate every ${seconds(act.everyMs)}`;
    case "person":
      return `a person: ${act.act.replaceAll("_", " ")}${act.again ? ", twice" : ""} (pick ${act.pick})`;
  }
}

function how(fault: CallFault): string {
  switch (fault.what) {
    case "refused":
      return "does not get through";
    case "answer_lost":
      return "is done, and the connection breaks before the answer";
    case "silent":
      return "is done, and nothing is ever heard of it";
    case "late":
      return `loses its connection, and is done ${seconds(fault.byMs)} later all the same`;
    case "slow":
      return `takes ${fault.thereMs} ms longer there and ${fault.backMs} ms longer back`;
  }
}

function times(count: number): string {
  return count === 1 ? "" : `${count} of `;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}
