import { existsSync } from "node:fs";
import path from "node:path";
import { UsageError } from "../exit.ts";

const APPS = path.resolve(import.meta.dirname, "..", "..", "..");

/** The TypeScript loader, by its address: a bare name would be looked for from the child's folder. */
export const TSX = import.meta.resolve("tsx");

/** A file of another app. Apps do not import each other; one may start another. @throws {UsageError} when it is not installed */
export function appFile(app: string, file: string): string {
  const found = path.join(APPS, app, file);
  if (existsSync(found)) return found;
  throw new UsageError(`apps/${app}/${file} is missing: this needs the whole Tape repository.`);
}
