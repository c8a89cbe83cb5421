import { z } from "zod";

const amounts = { microUsd: z.int(), tokens: z.int() };
/** Only what is capped. */
const cap = z.object(amounts).partial();

/** What a model call costs, or may cost: integer millionths of a US dollar, and tokens. */
export interface Amounts {
  microUsd: number;
  tokens: number;
}

export const budgetEntries = {
  /**
   * Set aside for a decision, with its question and before its model is called; the decision keeps it until it is settled,
   * however often it is asked. `cap`: the run was started without any, and these are its agent's.
   */
  reserved: z.object({ key: z.string(), ...amounts, cap: cap.optional() }),
  /** What a decision did cost, with its answer. What it had set aside is given back. */
  settled: z.object({ key: z.string(), ...amounts }),
  /** A decision was refused: its model is not called. `spent` is what is charged already, what is set aside included; `asked` is its estimate. */
  exceeded: z.object({ key: z.string(), cap, spent: z.object(amounts), asked: z.object(amounts).optional() }),
  /** A person let a decision through that was over the cap; `cap` holds from here on, `added` is how much higher it is. */
  raised: z.object({ key: z.string(), gateId: z.string(), by: z.string(), added: z.object(amounts), cap }),
};
