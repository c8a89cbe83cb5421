import type { Choice, Schedule } from "./choice.ts";
import { run, type Ended, type RunOptions, type Violation } from "./run.ts";

export interface ShrinkOptions extends RunOptions {
  /** Runs at most. Default 400. */
  tries?: number;
}

/**
 * A smaller schedule that breaks the same invariant: with fewer choices, fewer workers, clocks that agree, faults that
 * happen once. Each of its parts is needed, or there were no more tries.
 */
export async function shrink(found: Ended, { tries = 400, ...options }: ShrinkOptions = {}): Promise<Ended> {
  const { violation } = found;
  if (!violation) return found;
  let best = found;
  let left = tries;
  const isSame = (other: Violation | null): boolean => other?.invariant === violation.invariant;
  const attempt = async (schedule: Schedule): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    const ended = await run(schedule, options);
    if (!isSame(ended.violation)) return false;
    best = ended;
    return true;
  };

  for (let size = Math.ceil(best.schedule.choices.length / 2); size >= 1; size = Math.floor(size / 2)) {
    let place = 0;
    while (place < best.schedule.choices.length) {
      const choices = best.schedule.choices.toSpliced(place, size);
      if (!(await attempt({ ...best.schedule, choices }))) place += size;
    }
  }
  for (const simpler of simplerOf(best.schedule)) await attempt(simpler(best.schedule));
  return best;
}

type Change = (schedule: Schedule) => Schedule;

function simplerOf({ choices, workers }: Schedule): Change[] {
  const changed = (place: number, change: (choice: Choice) => Choice): Change => (schedule) => ({ ...schedule, choices: schedule.choices.map((each, at) => (at === place ? change(each) : each)) });
  return [
    ...workers.slice(1).map((): Change => (schedule) => ({ ...schedule, workers: schedule.workers.slice(0, -1) })),
    ...workers.map(({ slot }): Change => (schedule) => ({ ...schedule, workers: schedule.workers.map((each) => (each.slot === slot ? { ...each, skewMs: 0 } : each)) })),
    ...choices.map((_, place) => changed(place, (choice) => (choice.act.do === "person" ? { ...choice, act: { ...choice.act, again: false } } : choice))),
    ...choices.map((_, place) => changed(place, (choice) => ("times" in choice.act ? { ...choice, act: { ...choice.act, times: 1 } } : choice))),
    ...choices.map((_, place) => changed(place, (choice) => (choice.act.do === "start" && "atMs" in choice.when ? { ...choice, when: { atMs: 0 } } : choice))),
  ];
}
