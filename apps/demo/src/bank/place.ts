import { readFile, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** Where the bank keeps its things. */
export interface BankPlace {
  /** `{ url, pid }` of the bank that runs, or ran last. */
  addressFile: string;
  ledgerFile: string;
  faultFile: string;
}

const REPOSITORY = path.resolve(import.meta.dirname, "..", "..", "..", "..");

/** Under `TAPE_DIR`, else under `.tape` of the repository. */
export function bankPlace(env: Record<string, string | undefined>): BankPlace {
  const dir = env.TAPE_DIR ? path.resolve(env.TAPE_DIR) : path.join(REPOSITORY, ".tape");
  return {
    addressFile: path.join(dir, "bank.json"),
    ledgerFile: path.join(dir, "bank", "ledger.jsonl"),
    faultFile: path.join(dir, "bank", "fault.json"),
  };
}

const address = z.object({ url: z.url(), pid: z.int(), ledgerFile: z.string() });
export type BankAddress = z.infer<typeof address>;

export async function readAddress(file: string): Promise<BankAddress | undefined> {
  try {
    return address.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step: a reader sees the old address or the new one. */
export async function writeAddress(file: string, told: BankAddress): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(told)}\n`);
  await rename(draft, file);
}
