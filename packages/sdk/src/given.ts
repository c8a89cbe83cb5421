import { invalidInput, TapeError } from "@tape/core";
import { z } from "zod";

/**
 * What a caller gave, if it is what the types promise: JavaScript promises nothing.
 *
 * @param what the call, as the error names it
 * @throws {TapeError} `invalid_input` with the path of each field
 */
export function checked<T>(what: string, schema: z.ZodType, given: T): T {
  const { error } = schema.safeParse(given);
  if (error) throw invalidInput(error, what);
  return given;
}

/** One hundred years: more is a mistake in the unit (ms). */
export const LONGEST_MS = 100 * 365 * 24 * 3_600_000;

export const aFunction = z.custom<(...args: never[]) => unknown>((given) => typeof given === "function", "a function is needed");
export const aSignal = z.instanceof(AbortSignal);
export const milliseconds = z.number().min(0).max(LONGEST_MS, "at most 100 years, in milliseconds");
/** One made by `tape.gateTool`. */
export const aGate = z.custom((given) => typeof given === "function" && "definition" in given, "a gate tool is needed");
/** One made by `tape.agent`. */
export const anAgent = z.object({ kind: z.literal("agent"), parse: aFunction, run: aFunction });

export const withReason = z.object({ reason: z.string() });

/** What a body or a connector is given, as far as it is used. @throws {TapeError} `invalid_input` */
export function contextWith<Member extends string>(call: string, ctx: unknown, ...members: Member[]): void {
  if (typeof ctx === "object" && ctx !== null && members.some((member) => member in ctx)) return;
  throw new TapeError("invalid_input", `${call}: pass the ctx that the body was given`);
}
