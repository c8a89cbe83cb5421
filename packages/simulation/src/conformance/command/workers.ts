import { LOCK } from "../sides.ts";
import { callOf } from "../verbs.ts";
import { AGENTS, APP, COMPENSATORS, WORKERS, type Make } from "./context.ts";

const register: Make = ({ picks }) =>
  callOf("registerWorker", {
    id: picks.of(WORKERS),
    host: "here",
    pid: 7,
    lockKey: picks.isLucky(30) ? LOCK : null,
    agents: AGENTS.slice(0, 1 + picks.below(2)).map((agent) => ({ ...agent, pinned: agent.version !== null, title: null, inputSchema: null })),
    tools: [
      { app: APP, tool: "wire", can: "check" as const },
      ...COMPENSATORS.map(({ app, compensator }) => ({ app, tool: compensator, can: "compensate" as const })),
      { app: APP, tool: "remind", can: "timer" as const },
    ].slice(picks.below(3)),
  });

const beat: Make = ({ picks, model }) => {
  const id = picks.isLucky(10) ? "wrk_nobody" : picks.maybeOf([...model.workers.keys()]);
  return id === undefined ? null : callOf("beatWorker", { id, running: picks.below(3), stopping: picks.isLucky(10) });
};

const leave: Make = ({ picks, model }) => {
  const id = picks.maybeOf([...model.workers.keys()]);
  return id === undefined ? null : callOf("leaveWorker", { id });
};

const forget: Make = ({ picks }) => callOf("forgetDeadWorkers", picks.isLucky(50) ? { silentMs: 5_000 } : {});

const list: Make = ({ model }) => (model.workers.size === 0 ? null : callOf("listWorkers", undefined));

export const workerCommands = { register, beat, leave, forget, list };
