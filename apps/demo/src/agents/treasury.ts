import { createTape } from "@tape/sdk";
import { createBankClient } from "../bank/client.ts";
import { readEnv } from "../env.ts";

const env = readEnv();

/** The app all agents of the demo belong to. */
export const tape = createTape({ app: "treasury" });

/** The bank that the tools pay through. */
export const bank = createBankClient({ url: env.bankUrl, addressFile: env.place.addressFile });
