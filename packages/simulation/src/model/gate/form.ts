import { TapeError, type GateForm } from "@tape/core";

type Field = GateForm[number];

/**
 * The values that a person filled in, as the run gets them: fields left empty are left out. Null without a form.
 *
 * @throws {TapeError} `invalid_input` with the path of every field that does not fit (`values.limit`).
 */
export function readForm(form: GateForm | null, given: Record<string, unknown> = {}): Record<string, unknown> | null {
  const fields = form ?? [];
  const unfit = fields.filter((field) => (isEmpty(given[field.name]) ? field.required : !fits(field, given[field.name])));
  const unknown = Object.keys(given).filter((name) => !fields.some((field) => field.name === name));
  const problems = [...unfit.map(({ name }) => name), ...unknown].map((name) => ({ path: `values.${name}`, message: "does not fit the form" }));
  if (problems.length > 0) throw new TapeError("invalid_input", `${problems[0]!.path} does not fit the form`, { fields: problems });
  if (form === null) return null;
  return Object.fromEntries(fields.filter(({ name }) => !isEmpty(given[name])).map(({ name }) => [name, given[name]]));
}

function fits({ type, options = [] }: Field, value: unknown): boolean {
  switch (type) {
    case "text":
    case "textarea":
      return typeof value === "string";
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
    case "select":
      return typeof value === "string" && options.includes(value);
    case "date":
      return typeof value === "string" && isDate(value);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** A day of the calendar, as 2026-12-31. */
function isDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === value;
}
