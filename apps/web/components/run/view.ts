/** What the run page shows below its header. It is part of the address: `/runs/<id>/compensation`. */
export const VIEWS = ["timeline", "compensation", "timers"] as const;
export type RunView = (typeof VIEWS)[number];

/** The view that a path names, by what follows the run's id. Null: there is no such view. */
export function viewOf(rest: readonly string[]): RunView | null {
  const [name, ...more] = rest;
  if (name === undefined) return "timeline";
  return more.length === 0 && (name === "compensation" || name === "timers") ? name : null;
}

/** The view of a path as the address bar has it: `/runs/run_1/timers`. */
export function viewOfPath(path: string): RunView {
  return viewOf(path.split("/").filter(Boolean).slice(2)) ?? "timeline";
}

export function hrefOfView(runId: string, view: RunView): string {
  return `/runs/${encodeURIComponent(runId)}${view === "timeline" ? "" : `/${view}`}`;
}

/** A row of the timeline, opened. */
export function hrefOfItem(runId: string, itemId: string): string {
  return `${hrefOfView(runId, "timeline")}?item=${encodeURIComponent(itemId)}`;
}
