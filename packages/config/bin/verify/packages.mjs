import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../../../..");

/** Folder and manifest of every package of the workspace. */
export async function packages() {
  const groups = await Promise.all(["packages", "apps"].map(async (group) => (await readdir(path.join(ROOT, group))).map((name) => `${group}/${name}`)));
  const folders = ["prisma", "e2e", ...groups.flat()];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const manifest = await readFile(path.join(ROOT, folder, "package.json"), "utf8").catch(() => undefined);
      return manifest && { folder, manifest: JSON.parse(manifest) };
    }),
  );
  return found.filter(Boolean);
}
