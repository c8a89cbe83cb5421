import { createTape } from "@tape/sdk";
import { createBankClient } from "../bank/client.ts";
import { readEnv } from "../env.ts";

const env = readEnv();

/** How long the CFO is asked before the backup approver is (ms). */
export const { approvalMs } = env;

/** The app all agents of the demo belong to. */
export const tape = createTape({ app: "treasury" });

/** The bank that the tools pay through. */
export const bank = createBankClient({ url: env.bankUrl, addressFile: env.place.addressFile });
