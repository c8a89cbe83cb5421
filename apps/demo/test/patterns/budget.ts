import type { BudgetQuestion } from "@tape/sdk";
import { model, tape } from "./stand-ins.ts";

// #region
const more = tape.gateTool<BudgetQuestion>("more-budget", {
  display: ({ asked, cap }) => ({ title: `“${asked.decision}” would cost more than the ${(cap.microUsd ?? 0) / 1_000_000} USD of this run` }),
  form: [{ name: "addMicroUsd", label: "Add, in millionths of a dollar", type: "number" }],
});

export const research = tape.agent<string, string>("research", { budget: { capMicroUsd: 20_000, onExceeded: more } }, async (run, question) => {
  const ask = (name: string, text: string) =>
    run.decide(name, { model: "your-model", request: text, estimate: { costMicroUsd: 15_000 }, read: ({ usage }) => ({ usage }) }, () => model.ask(text));
  const draft = await ask("draft", question); // the estimate is set aside before the call, what it did cost is charged after it
  // Over the cap no model is called: people are asked, and without their word BudgetExceeded is thrown, on every drive.
  const { text } = await ask("polish", draft.text);
  return text;
});
// #endregion
