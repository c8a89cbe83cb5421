import { readFileSync } from "node:fs";
import path from "node:path";

/** A statement of its own file, prepared once on each connection. */
export function statement(name: "start" | "start-many" | "advance" | "advance-many" | "commit"): { name: string; text: string } {
  return { name: `raw_${name}`, text: readFileSync(path.join(import.meta.dirname, `${name}.sql`), "utf8") };
}
