import { MAX_BODY_BYTES } from "@tape/core";
import { sayBytes } from "./input.ts";

export interface CsvFile {
  name: string;
  bytes: number;
  text: string;
  lines: number;
  /** The first lines, for a look. */
  head: string[];
}

/** Reads a chosen file, or says why it is not taken. Bytes that are not UTF-8 are refused, or names would change in silence. */
export async function readCsv(file: { name: string; size: number; arrayBuffer(): Promise<ArrayBuffer> }): Promise<CsvFile | string> {
  if (file.size > MAX_BODY_BYTES) return `${file.name} is ${sayBytes(file.size)}; at most ${sayBytes(MAX_BODY_BYTES)} can be sent. Split it.`;
  if (file.size === 0) return `${file.name} is empty.`;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return `${file.name} is not UTF-8 text. Save it as “CSV UTF-8” and choose it again.`;
  }
  const lines = text.split(/\r\n|\n|\r/);
  const filled = lines.filter((line) => line.trim() !== "");
  return { name: file.name, bytes: file.size, text, lines: filled.length, head: filled.slice(0, 4) };
}
