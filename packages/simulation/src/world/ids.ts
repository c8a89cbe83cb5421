import { newId } from "@tape/core";
import { here, leave } from "./here.ts";
import type { Process } from "./process.ts";

/** Later than any clock of a schedule: 2200-01-01. */
const FAR_MS = Date.UTC(2200, 0, 1);

let began = 0;

/**
 * From here on every id is the one before plus one, whatever its maker's clock says, beginning at the same for every
 * schedule. What differs from schedule to schedule is the time that all of them begin with, which is answered: an id
 * that was never made again in this process. What is printed has it taken out ({@link withoutTime}).
 */
export function beginIds(process: Process): string {
  here(process);
  const first = newId("rec", FAR_MS + (began += 1));
  leave();
  return first.slice("rec_".length, "rec_".length + 10);
}

export function withoutTime(text: string, time: string): string {
  return text.replaceAll(`_${time}000000`, "_").replaceAll(`_${time}`, "_");
}
