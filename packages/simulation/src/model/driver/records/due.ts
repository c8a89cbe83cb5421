import type { DriverRecord } from "@tape/store";
import type { Model, Ms } from "../../model.ts";

/** When what a record sets is due, by the clock of its commit (D27). */
export function dueAt(model: Model, { due }: DriverRecord): Ms | null {
  return due ? model.now + due.inMs : null;
}
