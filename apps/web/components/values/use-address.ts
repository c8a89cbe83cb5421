"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { hrefOf, readAddress, type ValuesAddress } from "./address.ts";

/** The address of the values screen, and how to change it without asking the server for the page again. */
export function useValuesAddress(): [ValuesAddress, (change: Partial<ValuesAddress>, how?: "push" | "replace") => void] {
  const params = useSearchParams();
  const address = useMemo(() => readAddress(params), [params]);
  const go = useCallback((change: Partial<ValuesAddress>, how: "push" | "replace" = "push") => {
    // Read from the address bar, it is newer than any render: two quick keys move twice.
    const href = hrefOf({ ...readAddress(new URLSearchParams(window.location.search)), ...change });
    if (how === "push") window.history.pushState(null, "", href);
    else window.history.replaceState(null, "", href);
  }, []);
  return [address, go];
}
