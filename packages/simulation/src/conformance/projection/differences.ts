import { isDeepStrictEqual } from "node:util";
import type { Row, Whole } from "./rows.ts";

/** One line for each thing that the two do not agree on; empty when they hold the same. */
export function differences(store: Whole, model: Whole): string[] {
  return Object.keys({ ...store, ...model }).flatMap((table) => differencesOf(table, store[table] ?? new Map(), model[table] ?? new Map()));
}

function differencesOf(table: string, store: ReadonlyMap<string, Row>, model: ReadonlyMap<string, Row>): string[] {
  return [...new Set([...store.keys(), ...model.keys()])].flatMap((key) => {
    const [real, ideal] = [store.get(key), model.get(key)];
    if (!real || !ideal) return [`${table} ${key}: only the ${real ? "store" : "model"} has it: ${JSON.stringify(real ?? ideal)}`];
    if (isDeepStrictEqual(real, ideal)) return [];
    return Object.keys({ ...real, ...ideal }).flatMap((column) =>
      isDeepStrictEqual(real[column], ideal[column]) ? [] : [`${table} ${key}: ${column} is ${JSON.stringify(real[column])} in the store, ${JSON.stringify(ideal[column])} in the model`],
    );
  });
}
