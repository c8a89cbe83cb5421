/**
 * The bank as a process of its own: `node --import tsx apps/demo/src/bank/main.ts`. Prints one JSON line when it is
 * ready, `{"ready":true,"url":"http://127.0.0.1:…"}`; everything else goes to stderr.
 */
import { readEnv } from "../env.ts";
import { startBank, type RunningBank } from "./start.ts";

let bank: RunningBank | undefined;

async function stop(): Promise<void> {
  const overdue = setTimeout(() => process.exit(1), 10_000);
  await bank?.close();
  clearTimeout(overdue);
  process.exit(0);
}

process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());

try {
  const { place, bankPort } = readEnv();
  bank = await startBank({
    place,
    port: bankPort,
    log: (line) => console.error(`bank: ${line}`),
    crash: () => process.kill(process.pid, "SIGKILL"),
    onStop: () => setImmediate(() => void stop()),
  });
  console.log(JSON.stringify({ ready: true, url: bank.url }));
} catch (error) {
  console.error(`bank: ${(error as Error).message}`);
  process.exit(1);
}
