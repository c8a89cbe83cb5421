import { createTape, defineConfig } from "@tape/sdk";

const tape = createTape({ app: "worker-app-test" });

/** Ends when its second is over, heeding nothing. */
const slow = tape.effect("slow", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return "slowly";
});

const hello = tape.agent("hello", async () => "hello");
const slowly = tape.agent("slowly", async (run) => slow(run, null));

export default defineConfig({ tape, agents: [hello, slowly] });
