import { RUN_STATUSES, type RunFilter, type RunStatus } from "@tape/core";
import { assertInstant, invalidField, isStorable } from "../text.ts";

/** Collects the values of a statement and gives each its `$n`. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The conditions of a filter on `tape.runs r`, without its status and its `q`. */
export function conditionsOf(filter: RunFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  if (filter.agent !== undefined) conditions.push(`r.agent = ${parameters.add(storable(filter.agent, "agent"))}`);
  if (filter.since !== undefined) {
    assertInstant(filter.since, "since");
    conditions.push(`r.created_at >= ${parameters.add(filter.since)}::timestamptz`);
  }
  if (filter.label !== undefined) {
    const [name, value] = splitLabel(storable(filter.label, "label"));
    conditions.push(`r.labels @> ${parameters.add(JSON.stringify({ [name]: value }))}::jsonb`);
  }
  return conditions;
}

/**
 * What `q` may find, one condition for each: each is looked for by an index of its own, because one OR over three
 * columns would read the whole table.
 */
export function searchesOf(q: string | undefined, parameters: Parameters): string[] {
  const text = q === undefined ? "" : storable(q, "q").trim();
  if (text === "") return [];
  return [
    // Ids are upper case after their kind, whatever a person types.
    ...(/^run_/i.test(text) ? [`r.id LIKE ${parameters.add(beginning(`run_${text.slice(4).toUpperCase()}`))}`] : []),
    `r.invocation_id LIKE ${parameters.add(beginning(text))}`,
    `jsonb_path_query_array(r.labels, '$.*') @> ${parameters.add(JSON.stringify([text]))}::jsonb`,
  ];
}

/** No status asked for is any of them. */
export function statusesOf({ status }: RunFilter): readonly RunStatus[] | null {
  return status && status.length > 0 ? [...new Set(status)] : null;
}

/** The statuses to look for one by one: those asked for, or every one, where the index of agents wants a status. */
export function branchStatusesOf(filter: RunFilter): readonly RunStatus[] {
  return statusesOf(filter) ?? (filter.agent === undefined ? [] : RUN_STATUSES);
}

/** The pattern of what begins with this text. */
function beginning(text: string): string {
  return `${text.replace(/[\\%_]/g, "\\$&")}%`;
}

function splitLabel(label: string): [string, string] {
  const colon = label.indexOf(":");
  if (colon < 1) throw invalidField("label", "a label filter is name:value");
  return [label.slice(0, colon), label.slice(colon + 1)];
}

function storable(text: string, path: string): string {
  if (!isStorable(text)) throw invalidField(path, "holds a character that cannot be stored");
  return text;
}
