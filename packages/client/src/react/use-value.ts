import type { Value } from "@tape/core";
import { useEffect } from "react";
import { startValueView, valueView, type ValueNews, type ValueView } from "../state/value-view.ts";
import { useTape } from "./provider.tsx";
import { useCoalesced } from "./use-coalesced.ts";

export interface FollowedValue {
  /** What was written last; null while it is not live. */
  value: unknown;
  /** 0 before the first; a deletion has a version too. */
  version: number;
  /** False when it was never written, or was deleted. */
  isLive: boolean;
  /** The whole row, with its writer and instant. */
  row: Value | null;
}

/** A value, followed from what was loaded with the page, else from what is there now. Mount it with a `key` of both names. */
export function useValue(namespace: string, key: string, loaded?: Value | null): FollowedValue {
  const { live } = useTape();
  const [view, tell] = useCoalesced<ValueView, ValueNews>(valueView, startValueView(loaded));
  const fromVersion = view.version;
  useEffect(() => {
    return live?.watchValue(namespace, key, {
      ...(fromVersion > 0 && { fromVersion }),
      onCurrent: (current) => tell({ type: "current", current }),
      onChange: (change) => tell({ type: "changed", change }),
    });
    // Where it stands when the watch begins; from then on the watch itself knows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [live, namespace, key, tell]);
  return { value: view.value?.value ?? null, version: view.version, isLive: view.value !== null, row: view.value };
}
