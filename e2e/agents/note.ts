import { appendFile } from "node:fs/promises";
import path from "node:path";

/** What bodies did, in a file: it outlives the process. */
export function note(line: string): Promise<void> {
  return appendFile(path.join(process.env.TAPE_DIR ?? ".", "acts.log"), `${process.pid} ${line}\n`);
}
