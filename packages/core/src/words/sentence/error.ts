import type { RecordedError } from "../../error.ts";
import { foreign } from "../text.ts";

/** An error as a clause: its message; its name only when there is no message. */
export function sayError(error: RecordedError): string {
  return foreign(error.message === "" ? error.name : error.message, 200);
}
