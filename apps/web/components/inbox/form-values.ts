import type { GateForm } from "@tape/core";

export type RawValues = Readonly<Record<string, string | boolean>>;

/** What was written in a gate's form as the values that go with the decision, or what is wrong with each field. */
export function formValues(form: GateForm, raw: RawValues): { values: Record<string, unknown>; errors: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of form) {
    const written = raw[field.name];
    if (field.type === "boolean") {
      values[field.name] = written === true;
      continue;
    }
    const text = typeof written === "string" ? written.trim() : "";
    if (text === "") {
      if (field.required) errors[field.name] = `${field.label} is needed to approve.`;
      continue;
    }
    if (field.type === "number") {
      const number = Number(text.replace(/,/g, ""));
      if (Number.isFinite(number)) values[field.name] = number;
      else errors[field.name] = "This must be a number, such as 1200.50.";
    } else if (field.type === "select" && field.options !== undefined && !field.options.includes(text)) {
      errors[field.name] = "Choose one of the list.";
    } else {
      values[field.name] = text;
    }
  }
  return { values, errors };
}
