import { z } from "zod";

/** Stable codes of DESIGN §8 and DECISIONS D54, each with the HTTP status it travels under. */
export const ERROR_STATUS = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  illegal_transition: 409,
  already_decided: 409,
  fingerprint_mismatch: 409,
  version_conflict: 409,
  invocation_conflict: 409,
  lease_lost: 409,
  nondeterminism: 409,
  budget_exceeded: 409,
  business_key_taken: 409,
  nested_step: 409,
  result_not_storable: 409,
  payload_too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  database_not_running: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export const errorCode = z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]);

/** What every failing request answers. `message` says what to do next; `details` is for machines. */
export const errorBody = z.object({
  error: z.object({ code: errorCode, message: z.string(), details: z.record(z.string(), z.unknown()).optional() }),
});
export type ErrorBody = z.infer<typeof errorBody>;

/** The one error that crosses package and process borders. Match on `code`, never on `message`. */
export class TapeError extends Error {
  override readonly name: string = "TapeError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: Record<string, unknown>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, ...(this.details && { details: this.details }) } };
  }

  static is(error: unknown, code?: ErrorCode): error is TapeError {
    return error instanceof TapeError && (code === undefined || error.code === code);
  }
}

/** Input that does not parse: the path and message of each bad field. */
export function invalidInput(error: z.ZodError, what = "input"): TapeError {
  const fields = error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const first = fields[0];
  const where = first && first.path !== "" ? `${what}.${first.path}` : what;
  return new TapeError("invalid_input", `${where}: ${first?.message ?? "does not fit"}`, { fields });
}

/** How an error thrown by agent code, a model or a tool is recorded, and thrown again on replay. */
export const recordedError = z.object({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  stack: z.string().optional(),
  details: z.unknown().optional(),
});
export type RecordedError = z.infer<typeof recordedError>;
