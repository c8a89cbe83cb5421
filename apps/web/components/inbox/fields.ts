import { isMoney, type Gate, type GateDisplay } from "@tape/core";
import { columnsOf, wordsOf } from "./columns.ts";
import { valueAt } from "./value-at.ts";

export interface Field {
  label: string;
  as: GateDisplay["fields"][number]["as"];
  value: unknown;
}

/** The lines of a card: as the gate's `display` names them, else each part of its payload as what it looks like. */
export function fieldsOf(gate: Gate): Field[] {
  const named = gate.display?.fields ?? [];
  if (named.length > 0) return named.map(({ label, as, path }) => ({ label, as, value: valueAt(gate.payload, path) }));
  if (typeof gate.payload !== "object" || gate.payload === null || Array.isArray(gate.payload)) {
    return gate.payload === null || gate.payload === undefined ? [] : [{ label: "Payload", as: kindOf(gate.payload), value: gate.payload }];
  }
  return Object.entries(gate.payload).map(([key, value]) => ({ label: wordsOf(key), as: kindOf(value), value }));
}

function kindOf(value: unknown): Field["as"] {
  if (isMoney(value)) return "money";
  if (columnsOf(value) !== null) return "table";
  if (typeof value === "object" && value !== null) return "json";
  return typeof value === "string" && /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(value) ? "date" : "text";
}
