import { z } from "zod";
import { instant } from "../json.ts";
import { RUN_STATUSES } from "../machine/run.ts";
import { effect, money, obligation } from "./effect.ts";

/** One reversal, in the order of the walk. */
export const compensationItem = z.object({
  obligation,
  /** What it takes back. */
  effect: effect.pick({ id: true, tool: true, summary: true, settledAt: true }),
  /** Does some live worker have the compensator? Without one the walk waits there. */
  hasWorker: z.boolean(),
});
export type CompensationItem = z.infer<typeof compensationItem>;

/** What compensating a run would do, or is doing: newest effect first, before anything is done (O8). */
export const compensationPlan = z.object({
  runId: z.string(),
  status: z.enum(RUN_STATUSES),
  /** Null when it may be asked for now; else why not, and what to do. */
  refusal: z.string().nullable(),
  /** Everything that was confirmed and has an inverse, newest first, also what is settled already. */
  items: z.array(compensationItem),
  /** What the items that are still to be undone move back, per currency. */
  totals: z.array(money.extend({ count: z.int() })),
  /** Of the items still to be undone, how many name no amount. */
  withoutAmount: z.int(),
  /** Effects that hold the walk until they are settled (O4). */
  unsettled: z.array(effect.pick({ id: true, tool: true, summary: true, status: true, createdAt: true })),
  /** A body of the run may still be running there: the walk waits for it (O3). */
  drivenBy: z.string().nullable(),
  /** Until then retention keeps the run, so that it can be asked for; left out: for as long as there is something to undo. */
  compensableUntil: instant.optional(),
  serverTime: instant,
});
export type CompensationPlan = z.infer<typeof compensationPlan>;
