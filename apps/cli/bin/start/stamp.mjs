import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** A stamp is a small file beside something made, saying from what it was made. */
export async function isStamped(file, value) {
  return (await readFile(file, "utf8").catch(() => "")) === value;
}

export async function stamp(file, value) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, value);
}

/** What is made by tools, and tests: no part of what is built from a folder. */
export const PASSED_OVER = /^(node_modules|\.next|\.turbo|dist|test-results)$|\.test\.tsx?$|\.tsbuildinfo$|^next-env\.d\.ts$/;

async function filesOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const lists = await Promise.all(
    entries
      .filter((entry) => !PASSED_OVER.test(entry.name))
      .map((entry) => (entry.isDirectory() ? filesOf(path.join(folder, entry.name)) : [path.join(folder, entry.name)])),
  );
  return lists.flat();
}

/** A hash over names and contents of files and, deep, of folders. What does not exist counts as empty. */
export async function hashOf(places) {
  const hash = createHash("sha256");
  for (const place of places) {
    const own = await readFile(place).catch(() => undefined);
    const files = own ? [place] : (await filesOf(place)).sort();
    for (const file of files) hash.update(`${path.relative(place, file)}\0`).update(own ?? (await readFile(file))).update("\0");
  }
  return hash.digest("hex");
}
