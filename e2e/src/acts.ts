import { readFile } from "node:fs/promises";
import path from "node:path";
import type { System } from "./system.ts";

/** One line that a body wrote: `<pid> <what> <name> <rest>`. */
export interface Act {
  pid: number;
  what: string;
  name: string;
  rest: string;
}

/** What bodies did, in the order they wrote it. */
export async function actsOf({ dir }: Pick<System, "dir">): Promise<Act[]> {
  const text = await readFile(path.join(dir, "acts.log"), "utf8").catch(() => "");
  // The last line may be half written.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => {
    const [pid = "", what = "", name = "", ...rest] = line.split(" ");
    return { pid: Number(pid), what, name, rest: rest.join(" ") };
  });
}
