import { commitCommands } from "./commits.ts";
import type { Make } from "./context.ts";
import { peoplesCommands } from "./people.ts";
import { reactorCommands } from "./reactors.ts";
import { runCommands } from "./runs.ts";
import { timerCommands } from "./timers.ts";
import { valueCommands } from "./values.ts";
import { walkCommands } from "./walks.ts";
import { workerCommands } from "./workers.ts";

const AREAS = { run: runCommands, driver: commitCommands, person: peoplesCommands, timer: timerCommands, value: valueCommands, worker: workerCommands, reactor: reactorCommands, walk: walkCommands };

/** Every command by its name: `walk.next`. */
export const COMMANDS: ReadonlyMap<string, Make> = new Map(Object.entries(AREAS).flatMap(([area, own]) => Object.entries<Make>(own).map(([name, make]) => [`${area}.${name}`, make])));

/** Moves the clock instead of calling anything. */
export const CLOCK = "clock";

/** Takes the session lock that workers name, or lets it go. */
export const LOCKING = "lock";

/** How often each is chosen; once in a while, what is not named here. */
const WEIGHTS: Readonly<Record<string, number>> = {
  "driver.says": 36,
  [CLOCK]: 12,
  "driver.ends": 9,
  "run.claim": 8,
  "driver.late": 6,
  "run.start": 4,
  "run.cancel": 2,
  "run.compensate": 4,
  "run.takeOver": 3,
  "run.settleAbandoned": 3,
  "run.settle": 2,
  "reactor.recover": 2,
  "walk.claim": 5,
  "walk.next": 7,
  "walk.record": 7,
  "walk.resolve": 4,
  "walk.recordCopy": 3,
  "walk.claimCopies": 2,
  "reactor.claim": 4,
  "reactor.mark": 6,
  "reactor.dispatched": 6,
  "reactor.check": 4,
  "reactor.observe": 8,
  "person.decide": 4,
  "person.resolveEffect": 3,
  "person.signal": 3,
  "timer.fire": 4,
  "timer.claim": 4,
  "timer.set": 3,
  "timer.handledOne": 3,
  "timer.failed": 3,
  "value.set": 2,
};

/** Every command as often as it is to be chosen, the plainest first: what is simpler is nearer to it. */
export const CHOICES: readonly string[] = [CLOCK, LOCKING, ...COMMANDS.keys()].flatMap((name) => Array.from({ length: WEIGHTS[name] ?? 1 }, () => name));
