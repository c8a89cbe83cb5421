import { access } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { TapeConfig } from "@tape/sdk";
import { Trouble } from "./trouble.ts";

/** Loads `tape.config.ts`. @throws {Trouble} when it is missing, fails, or exports something else */
export async function loadConfig(configPath: string, cwd: string): Promise<TapeConfig> {
  const file = path.resolve(cwd, configPath);
  if (!(await exists(file))) throw new Trouble(`${file} does not exist: set TAPE_CONFIG to the file that exports your tape and its agents.`);
  const loaded = await load(file);
  if (isConfig(loaded.default)) return loaded.default;
  throw new Trouble(`${file} exports no configuration: it must say export default defineConfig({ tape, agents: [...] }).`);
}

async function load(file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw new Trouble(`${file} could not be loaded: ${firstLineOf(error)}`, { cause: error });
  }
}

function isConfig(value: unknown): value is TapeConfig {
  if (typeof value !== "object" || value === null) return false;
  const { tape, agents } = value as Partial<TapeConfig>;
  return tape?.tools instanceof Map && Array.isArray(agents) && agents.every((agent: Partial<TapeConfig["agents"][number]>) => agent?.kind === "agent");
}

function firstLineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
