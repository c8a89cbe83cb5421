import { wordsOf } from "../inbox/columns.ts";

export type FieldType = "text" | "number" | "integer" | "boolean" | "select" | "date" | "csv" | "json";

/** One field of an agent's input, as its form shows it. */
export interface InputField {
  name: string;
  label: string;
  description: string | undefined;
  type: FieldType;
  required: boolean;
  /** What the field begins with: text for all but `boolean`. */
  initial: string | boolean;
  options: readonly string[];
}

type Schema = Record<string, unknown>;

/** The fields of a JSON Schema, or null when it is no object with named parts: the whole input is then written as JSON. */
export function fieldsOf(schema: unknown): InputField[] | null {
  if (!isRecord(schema) || !isRecord(schema["properties"])) return null;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(schema["properties"]).map(([name, property]) => fieldOf(name, property, required.includes(name)));
}

function fieldOf(name: string, property: unknown, required: boolean): InputField {
  const part = unwrap(property);
  const type = typeOf(part);
  const { title, description, default: initial } = part;
  return {
    name,
    label: typeof title === "string" ? title : wordsOf(name),
    description: typeof description === "string" ? description : undefined,
    type,
    // A checkbox always has an answer, and a default answers for the person.
    required: required && type !== "boolean" && initial === undefined,
    initial: initialOf(type, initial),
    options: Array.isArray(part["enum"]) ? part["enum"].map(String) : [],
  };
}

/** `anyOf: [string, null]` is a string that may be left out. */
function unwrap(property: unknown): Schema {
  if (!isRecord(property)) return {};
  const choices = property["anyOf"];
  if (!Array.isArray(choices)) return property;
  const real = choices.filter((choice) => isRecord(choice) && choice["type"] !== "null");
  return real.length === 1 ? { ...property, ...(real[0] as Schema) } : property;
}

function typeOf(part: Schema): FieldType {
  if (Array.isArray(part["enum"]) && part["enum"].every((option) => typeof option === "string")) return "select";
  switch (part["type"]) {
    case "string":
      return part["format"] === "csv" ? "csv" : part["format"] === "date" ? "date" : "text";
    case "number":
    case "integer":
    case "boolean":
      return part["type"];
    default:
      return "json";
  }
}

function initialOf(type: FieldType, initial: unknown): string | boolean {
  if (type === "boolean") return initial === true;
  if (initial === undefined || initial === null) return "";
  return type === "json" ? JSON.stringify(initial, null, 2) : String(initial);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
