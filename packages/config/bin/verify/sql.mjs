import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { packages, ROOT } from "./packages.mjs";

const MAY_WRITE_SQL = new Set(["packages/store", "packages/simulation", "prisma", "apps/bench", "e2e", "packages/config"]);
/** Tests look at rows directly, and put them where they need them. */
const NOT_SHIPPED = new Set(["node_modules", ".next", "test", "testing"]);
const STATEMENT = /["'`]\s*(select\s[^"'`]*\sfrom|insert\s+into|update\s+[\w."]+\s+set|delete\s+from|create\s+(table|index)|listen\s+\w+;?\s*["'`]|notify\s)/i;

async function sources(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const lists = await Promise.all(
    entries.map((entry) => {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) return NOT_SHIPPED.has(entry.name) ? [] : sources(place);
      return /(?<!\.test)\.(ts|tsx)$/.test(entry.name) ? [place] : [];
    }),
  );
  return lists.flat();
}

/** Only packages/store and prisma write SQL; a statement anywhere else would get around every guard. */
export async function findStraySql() {
  const folders = (await packages()).map(({ folder }) => folder).filter((folder) => !MAY_WRITE_SQL.has(folder));
  const found = [];
  for (const file of (await Promise.all(folders.map((folder) => sources(path.join(ROOT, folder))))).flat()) {
    const lines = (await readFile(file, "utf8")).split("\n");
    lines.forEach((line, index) => STATEMENT.test(line) && found.push(`${path.relative(ROOT, file)}:${index + 1}: SQL outside packages/store: ${line.trim()}`));
  }
  return { ok: found.length === 0, output: found.join("\n") };
}
