import { asked } from "./asked.ts";
import { asleep } from "./asleep.ts";
import { budget } from "./budget.ts";
import { businessKeys } from "./business-keys.ts";
import { cancelled } from "./cancelled.ts";
import { children } from "./children.ts";
import { compensated } from "./compensated.ts";
import { confirmed } from "./confirmed.ts";
import { fence } from "./fence.ts";
import { gate } from "./gate.ts";
import { intent } from "./intent.ts";
import type { Invariant } from "./invariant.ts";
import { journal } from "./journal.ts";
import { ledger } from "./ledger.ts";
import { machines } from "./machines.ts";
import { sendings } from "./sendings.ts";
import { timers } from "./timers.ts";
import { values } from "./values.ts";
import { walk } from "./walk.ts";

export type { Invariant, Scene, Watch } from "./invariant.ts";

/** What holds after every step. That every run gets on is looked after by whoever runs a schedule. */
export const INVARIANTS: readonly Invariant[] = [journal, machines, confirmed, gate, walk, compensated, cancelled, intent, asked, values, timers, budget, children, fence, sendings, asleep, businessKeys, ledger];
