export { AGENTS, Town, type AgentName, type TownHooks, type WorkerSettings } from "./town.ts";
export { Bank, type BankFaults, type Payment } from "./bank.ts";
