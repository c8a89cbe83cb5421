import { clip } from "@tape/core";
import { visible } from "../kit/visible.ts";

/** A value in one line, as far as a row has room. Nothing is set as HTML, what hides is made visible. */
export function preview(value: unknown, max = 120): string {
  // A megabyte of text is not written out to show its beginning.
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, max * 2)) : (JSON.stringify(value) ?? "null");
  return visible(clip(text.slice(0, max * 2), max));
}
