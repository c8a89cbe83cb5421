import { createTape, defineConfig, defineConnector } from "@tape/sdk";
import { access } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { note } from "./note.ts";

const tape = createTape({ app: "e2e-outbox" });

/** Is there a file of this name in the test's folder? The test makes one to let something happen. */
const isThere = (name: string): Promise<boolean> =>
  access(path.join(process.env.TAPE_DIR ?? ".", name)).then(
    () => true,
    () => false,
  );

/** A bank that wires at once and answers only when it may, and that says what it knows only when it may. */
const bank = defineConnector({
  name: "bank",
  dispatch: async ({ key }) => {
    await note(`wire ${key}`);
    while (!(await isThere("may-answer"))) await pause(25);
    return { status: "confirmed", result: "answered" };
  },
  observe: async () => ((await isThere("may-tell")) ? { status: "confirmed", result: "observed" } : { status: "inconclusive" }),
});

const once = tape.outboxTool<string, unknown>("wire-once", { connector: bank, semantics: "NON_IDEMPOTENT", businessKey: (invoice) => invoice }, (invoice) => ({ invoice }));
const safely = tape.outboxTool<string, unknown>("wire-safely", { connector: bank }, (invoice) => ({ invoice }));

const paying = tape.agent<{ invoice: string; safe: boolean }, unknown>("paying", async (run, { invoice, safe }) => (safe ? safely : once)(run, invoice));

export default defineConfig({ tape, agents: [paying], connectors: [bank] });
