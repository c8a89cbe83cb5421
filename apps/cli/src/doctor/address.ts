import { readFile } from "node:fs/promises";
import path from "node:path";
import { well, wrong, type Finding } from "./finding.ts";

const PATIENCE_MS = 3000;

/** Is the console there, and does it reach its database? */
export async function checkConsole(url: string): Promise<Finding> {
  const answer = await get(new URL("/readyz", url));
  if (answer === undefined) return wrong("Console", `nothing answers at ${url}`, "Run npm start, or say by PORT and HOST where it is.");
  if (answer.ok && typeof answer.body.serverTime === "string") return well("Console", url);
  if (answer.status === 503) return wrong("Console", `${url} is up and its database is away`, "Start the database; the console finds it again by itself.");
  return wrong("Console", `something else answers at ${url}`, "Say by PORT and HOST where the console is.");
}

/** The demo's bank. Nothing to say where the demo was never started. */
export async function checkBank(variables: Record<string, string>, cwd: string): Promise<Finding[]> {
  const url = variables.BANK_URL ?? (await findBank(variables.TAPE_DIR, cwd));
  if (url === undefined) return [];
  if (!URL.canParse(url)) return [wrong("Bank", `${url} is no address`, "Correct BANK_URL, or leave it out.")];
  const answer = await get(new URL("/health", url));
  const { wires } = answer?.body ?? {};
  if (typeof wires === "number") return [well("Bank", `${url}, ${wires === 1 ? "1 wire" : `${wires} wires`} in its ledger`)];
  return [wrong("Bank", `the demo's bank does not answer at ${url}`, "Run npm start; it starts the bank again when it dies.")];
}

/** The address a bank wrote into `TAPE_DIR`, or into the nearest `.tape` folder at or above `cwd`. */
async function findBank(dir: string | undefined, cwd: string): Promise<string | undefined> {
  if (dir !== undefined) return readBank(dir);
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const url = await readBank(path.join(folder, ".tape"));
    if (url !== undefined || folder === path.dirname(folder)) return url;
  }
}

async function readBank(dir: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(path.join(dir, "bank.json"), "utf8")) as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

async function get(url: URL): Promise<{ ok: boolean; status: number; body: Record<string, unknown> } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "manual" });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { ok: response.ok, status: response.status, body };
  } catch {
    return undefined;
  }
}
