import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PACKAGE = path.resolve(import.meta.dirname, "..");

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [path.relative(folder, file), await readFile(file, "utf8")])));
}

test("the committed client is what schema.prisma generates: after a change run npm run generate", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "tape-generate-"));
  const schema = path.join(folder, "schema.prisma");
  await copyFile(path.join(PACKAGE, "schema.prisma"), schema);
  await promisify(execFile)(process.execPath, [path.join(PACKAGE, "bin/generate.mjs"), schema]);

  const fresh = await contentOf(path.join(folder, "src/generated"));
  const committed = await contentOf(path.join(PACKAGE, "src/generated"));
  expect(Object.keys(committed).sort()).toEqual(Object.keys(fresh).sort());
  for (const [file, text] of Object.entries(fresh)) expect(committed[file] === text, file).toBe(true);
  await rm(folder, { recursive: true });
});
