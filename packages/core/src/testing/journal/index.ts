import { cancelled, compensated, conflicting, escalated, nondeterministic, poisonous, rejected, unstuck } from "./endings.ts";
import { everyVerb } from "./every-verb.ts";
import { large } from "./large.ts";
import { payBatch } from "./pay-batch.ts";
import { retrying, signalled, sleeping, timed } from "./waiting.ts";
import { worstJournal } from "./worst.ts";

/** Whole journals, always the same. Each is a story that the system can really tell. */
export const journalOf = {
  payBatch,
  rejected,
  escalated,
  cancelled,
  compensated,
  unstuck,
  nondeterministic,
  poisonous,
  conflicting,
  sleeping,
  signalled,
  retrying,
  timed,
  large,
  everyVerb,
  worst: worstJournal,
} as const;

export { JournalBuilder } from "./builder.ts";
export { payments, totalOf, type Payment } from "./payments.ts";
export type { CompensatedOptions } from "./endings.ts";
export type { PayBatchOptions, PayBatchStage } from "./pay-batch.ts";
