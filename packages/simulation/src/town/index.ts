export { AGENTS, Town, type AgentName, type TownHooks, type WorkerSettings } from "./town.ts";
export type { BankFaults } from "./bank.ts";
