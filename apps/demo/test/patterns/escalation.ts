import { HOUR, tape } from "./stand-ins.ts";

interface Plan {
  total: string;
}

// #region
const backup = tape.gateTool<Plan>("backup-approval", { assignees: ["role:operator"] });
const cfo = tape.gateTool<Plan>("cfo-approval", { timeoutMs: 2 * HOUR, onTimeout: backup }); // or "return", or GateTimeout is thrown

export const release = tape.agent<Plan, string>("release", async (run, plan) => {
  const { decidedBy } = await cfo(run, plan); // by either; a late answer to the first is refused with the reason
  return `${plan.total} EUR released by ${decidedBy}`;
});
// #endregion
