import path from "node:path";
import { runningPostmaster } from "./postmaster.ts";
import { run } from "./program.ts";
import { readState, writeState } from "./state.ts";
import { serverUser } from "./user.ts";

export interface StopEmbeddedOptions {
  /** The `.tape` folder. */
  dir: string;
  /** `fast` ends sessions and writes all out; `immediate` is a crash that the next start recovers from. Default `fast`. */
  mode?: "fast" | "immediate";
}

/** Stops the server of a `.tape` folder and waits until it is gone. One that does not run is left as it is. */
export async function stopEmbedded({ dir: folder, mode = "fast" }: StopEmbeddedOptions): Promise<void> {
  const dir = path.resolve(folder);
  const state = await readState(dir);
  if (!state) return;
  const { dataDir, nativeDir } = state;
  if (await runningPostmaster(dataDir)) {
    const place = { nativeDir, home: path.dirname(dataDir), user: await serverUser(dataDir) };
    await run(place, "pg_ctl", ["-D", dataDir, "-m", mode, "-w", "-t", "60", "-s", "stop"]);
  }
  await writeState(dir, { ...state, pid: null });
}
