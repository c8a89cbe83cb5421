import { MAX_BODY_BYTES } from "@tape/core";

export type Storable = { ok: true; value: unknown } | { ok: false; message: string };

/**
 * The value as the journal will give it back (dates become strings, `undefined` members go), or why it cannot be kept.
 * The code sees this form on the first drive too, so that a replay is not a surprise.
 */
export function storable(value: unknown): Storable {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    return { ok: false, message: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (text === undefined) return { ok: true, value: undefined };
  const bytes = text.length > MAX_BODY_BYTES / 3 ? Buffer.byteLength(text) : text.length;
  if (bytes > MAX_BODY_BYTES) return { ok: false, message: `it has ${bytes} bytes, the limit is ${MAX_BODY_BYTES}` };
  return { ok: true, value: JSON.parse(text) as unknown };
}
