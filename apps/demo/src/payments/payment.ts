import { z } from "zod";
import { money } from "../money/cents.ts";

/** One payment of a file. `line` is where it stands, counted from 1 with the header. */
export const payment = z.object({
  line: z.int(),
  creditor: z.string(),
  iban: z.string(),
  amount: money,
  reference: z.string(),
});
export type Payment = z.infer<typeof payment>;

/** One thing that is wrong with a row; a row with problems is not paid. `column` is null when it is the row itself. */
export const problem = z.object({
  line: z.int(),
  column: z.string().nullable(),
  /** What stands there, shortened. */
  value: z.string(),
  reason: z.string(),
});
export type Problem = z.infer<typeof problem>;

/** Line 4, amount “12,5x”: must be a figure … */
export function sayProblem({ line, column, value, reason }: Problem): string {
  const where = column === null ? `Line ${line}` : `Line ${line}, ${column}`;
  return value === "" ? `${where}: ${reason}` : `${where} “${value}”: ${reason}`;
}
