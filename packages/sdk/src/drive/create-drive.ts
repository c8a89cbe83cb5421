import type { Claim, Committer, Store } from "@tape/store";
import type { AgentDefinition } from "../define/agent.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { storeJournal } from "./store-journal.ts";

/** A drive on the store: what a worker makes of a claim. */
export function createDrive(options: { store: Store; committer: Committer; claim: Claim; agent: AgentDefinition } & Pick<DriveOptions, "log" | "replayTimeoutMs">): Drive {
  const { store, committer, ...rest } = options;
  return new Drive({ ...rest, journal: storeJournal(store, committer, options.claim) });
}
