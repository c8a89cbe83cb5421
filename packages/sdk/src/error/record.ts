import type { RecordedError } from "@tape/core";
import { storable } from "../steps/storable.ts";
import { BudgetExceeded, BusinessKeyTaken, ResultNotStorable, RunCancelled, StepFailed, VersionConflict } from "./errors.ts";

const MAX_MESSAGE = 10_000;

/** What is kept of something thrown. Anything can be thrown, so anything is kept: never throws itself. */
export function toRecorded(thrown: unknown): RecordedError {
  try {
    return thrown instanceof Error ? recordOf(thrown) : { name: "Error", message: clip(describe(thrown)) };
  } catch {
    return { name: "Error", message: "something was thrown that cannot be read" };
  }
}

/** Its fields are whatever its maker put there. */
function recordOf(thrown: Error): RecordedError {
  const { name, message, stack, code, details } = thrown as { [Field in "name" | "message" | "stack" | "code" | "details"]?: unknown };
  const kept = details === undefined ? undefined : storable(details);
  return {
    name: typeof name === "string" && name !== "" ? name : "Error",
    message: clip(describe(message)),
    ...(typeof code === "string" && { code }),
    ...(kept?.ok && { details: kept.value }),
    ...(typeof stack === "string" && stack !== "" && { stack: clip(stack) }),
  };
}

/** The error that the code catches: the same on every drive. */
export function fromRecorded(recorded: RecordedError): Error {
  if (recorded.name === "ResultNotStorable") return new ResultNotStorable(recorded.message);
  if (recorded.name === "RunCancelled") return new RunCancelled(recorded.message);
  if (recorded.name === "VersionConflict") return new VersionConflict(recorded);
  if (recorded.name === "BusinessKeyTaken") return new BusinessKeyTaken(recorded);
  if (recorded.name === "BudgetExceeded") return new BudgetExceeded(recorded);
  return new StepFailed(recorded);
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

function clip(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
