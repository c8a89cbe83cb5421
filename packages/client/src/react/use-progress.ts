import { progress, type Run } from "@tape/core";
import { useValue } from "./use-value.ts";

export type Progress = NonNullable<Run["progress"]>;

/**
 * How far a run says it is, followed: the value at `runs/<runId>` / `progress`. What is there and is no progress is passed over.
 *
 * @param loaded What the run's row said when the page was loaded, until the value itself is here.
 */
export function useProgress(runId: string, loaded: Progress | null = null): Progress | null {
  const { value, version } = useValue(`runs/${runId}`, "progress");
  const parsed = progress.safeParse(value);
  return parsed.success ? parsed.data : version === 0 ? loaded : null;
}
