import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { copyNative, installedNative, linkLibraries } from "./native.ts";

async function links(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(folder, "lib"), { withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map((entry) => entry.name).sort();
}

test.runIf(process.platform !== "win32")("an install that ran no scripts gets its library links, in place and in a copy", async () => {
  const { nativeDir } = installedNative();
  await linkLibraries(nativeDir);
  const expected = await links(nativeDir);
  expect(expected).not.toEqual([]);

  const folder = await mkdtemp(path.join(os.tmpdir(), "tape-native-"));
  const bare = path.join(folder, "native");
  await cp(nativeDir, bare, { recursive: true, filter: (file) => !expected.includes(path.basename(file)) });
  expect(await links(bare)).toEqual([]);

  const copy = path.join(folder, "copy");
  await copyNative(bare, copy);
  expect(await links(copy)).toEqual(expected);
  expect(spawnSync(path.join(copy, "bin/postgres"), ["--version"], { encoding: "utf8" }).stdout).toContain("PostgreSQL");

  await linkLibraries(bare);
  await linkLibraries(bare);
  expect(await links(bare)).toEqual(expected);
  await rm(folder, { recursive: true });
});
