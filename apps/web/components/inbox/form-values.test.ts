import type { GateForm } from "@tape/core";
import { describe, expect, it } from "vitest";
import { formValues } from "./form-values.ts";

const form: GateForm = [
  { name: "account", label: "Account", type: "select", required: true, options: ["a", "b"] },
  { name: "rate", label: "Rate", type: "number", required: false },
  { name: "tell", label: "Tell them", type: "boolean", required: false },
  { name: "note", label: "Note", type: "textarea", required: false },
];

describe("formValues", () => {
  it("makes values of what was written and leaves out what was not", () => {
    expect(formValues(form, { account: "a", rate: "1,200.5", tell: true, note: "  " })).toEqual({ values: { account: "a", rate: 1200.5, tell: true }, errors: {} });
  });

  it("says what is wrong with each field", () => {
    const { errors } = formValues(form, { account: "", rate: "much" });
    expect(Object.keys(errors)).toEqual(["account", "rate"]);
    expect(formValues(form, { account: "c" }).errors["account"]).toBe("Choose one of the list.");
  });
});
