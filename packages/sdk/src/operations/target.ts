/** A run by its id, or anything that has one: the run that agent code was given, a handle, a record. */
export type RunTarget = string | { readonly id: string };

export function idOf(target: RunTarget): string {
  return typeof target === "string" ? target : target.id;
}
