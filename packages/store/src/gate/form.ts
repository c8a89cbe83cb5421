import { TapeError, type GateForm } from "@tape/core";

type Field = GateForm[number];

/**
 * The values a person filled in, as the run gets them: fields left empty are left out.
 *
 * @throws {TapeError} `invalid_input` with the path of every field that does not fit (`values.limit`).
 */
export function readForm(form: GateForm | null, values: Record<string, unknown> | undefined): Record<string, unknown> | null {
  const given = values ?? {};
  const fields = form ?? [];
  const problems = [
    ...fields.flatMap((field) => problemOf(field, given[field.name]).map((message) => ({ path: `values.${field.name}`, message }))),
    ...Object.keys(given)
      .filter((name) => !fields.some((field) => field.name === name))
      .map((name) => ({ path: `values.${name}`, message: form ? "the form has no such field" : "this gate has no form" })),
  ];
  const [first] = problems;
  if (first) throw new TapeError("invalid_input", `${first.path}: ${first.message}`, { fields: problems });
  const filled = fields.filter((field) => !isEmpty(given[field.name])).map((field) => [field.name, given[field.name]]);
  return form === null ? null : Object.fromEntries(filled);
}

function problemOf(field: Field, value: unknown): string[] {
  if (isEmpty(value)) return field.required ? [`${field.label} is required`] : [];
  switch (field.type) {
    case "text":
    case "textarea":
      return typeof value === "string" ? [] : ["must be text"];
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? [] : ["must be a number"];
    case "boolean":
      return typeof value === "boolean" ? [] : ["must be true or false"];
    case "select":
      return (field.options ?? []).includes(value as string) ? [] : [`must be one of ${(field.options ?? []).join(", ")}`];
    case "date":
      return isDate(value) ? [] : ["must be a date, as 2026-12-31"];
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isDate(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
