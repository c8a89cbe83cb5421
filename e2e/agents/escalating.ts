import { note } from "./note.ts";
import { tape } from "./app.ts";

interface Release {
  amount: string;
}

const display = (who: string) => ({ amount }: Release) => ({ title: `${who}: release ${amount} EUR`, question: "Shall it be released?", fields: [{ label: "Amount", path: "amount", as: "text" as const }] });

const backup = tape.gateTool<Release>("backup-approval", { display: display("Backup") });
const first = tape.gateTool<Release>("cfo-approval", { timeoutMs: 1_500, onTimeout: backup, display: display("CFO") });

/** Nobody decides the first gate in time, so another one is asked. */
export const escalating = tape.agent<Release, string>("escalating", async (run, input) => {
  const { decidedBy } = await first(run, input);
  return run.effect("release", { by: decidedBy }, async ({ key }) => {
    await note(`released ${input.amount} ${key}`);
    return `released by ${decidedBy}`;
  });
});
