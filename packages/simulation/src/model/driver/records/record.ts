import type { Happening } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { write } from "../../append.ts";
import { iso } from "../../iso.ts";
import type { Model, RunRow } from "../../model.ts";
import { dueAt } from "./due.ts";
import { sayEffect } from "./effect.ts";
import { sayGate } from "./gate.ts";
import { sayTimer } from "./timer.ts";

/** Writes one record of the run's driver, and what changes with it. */
export function sayRecord(model: Model, run: RunRow, record: DriverRecord): void {
  const { happening } = record;
  say(model, run, dated(model, record));
  if (happening.kind === "effect") for (const owed of sayEffect(model, run, record, happening)) say(model, run, owed);
  if (happening.kind === "gate") sayGate(model, run, record, happening);
  if (happening.kind === "timer") sayTimer(model, run, record, happening);
}

function say(model: Model, run: RunRow, happening: Happening): void {
  write(model, run, [happening]);
  run.recorded += 1;
}

/** With its instant, where the record says in so many ms. */
function dated(model: Model, record: DriverRecord): Happening {
  const { happening, due } = record;
  return due ? ({ ...happening, payload: { ...happening.payload, [due.field]: iso(dueAt(model, record)) } } as Happening) : happening;
}
