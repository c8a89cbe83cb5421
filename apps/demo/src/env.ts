import { z } from "zod";
import { bankPlace, type BankPlace } from "./bank/place.ts";

/** An empty variable is unset. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((text) => (text === "" ? undefined : text), schema.optional());

const variables = z.object({
  /** Where the bank is, when it is not the one of this folder. */
  BANK_URL: optional(z.url("must be an address like http://127.0.0.1:4300")),
  BANK_PORT: optional(z.coerce.number("must be a port").int().min(1).max(65_535)),
  DEMO_APPROVAL_MS: optional(z.coerce.number("must be milliseconds").int().min(50).max(86_400_000)),
});

export interface DemoEnv {
  bankUrl: string | undefined;
  bankPort: number | undefined;
  /** How long the CFO is asked before the backup approver is (ms). Default 15 minutes. */
  approvalMs: number;
  place: BankPlace;
  /** Where the database is looked for. */
  surroundings: { env: Record<string, string | undefined>; cwd: string };
}

/** The demo's environment, parsed once per process. Throws one line that names the variable. */
export function readEnv(env: Record<string, string | undefined> = process.env): DemoEnv {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join(".")} ${issue?.message}.`);
  }
  const { BANK_URL: bankUrl, BANK_PORT: bankPort, DEMO_APPROVAL_MS: approvalMs = 15 * 60_000 } = parsed.data;
  return { bankUrl, bankPort, approvalMs, place: bankPlace(env), surroundings: { env, cwd: process.cwd() } };
}
