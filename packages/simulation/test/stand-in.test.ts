import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import * as standIn from "../src/stand-in/index.ts";

const PACKAGES = path.resolve(import.meta.dirname, "../..");

/** Every value that the sources of a package import from `@tape/store`. */
async function importedBy(folder: string): Promise<string[]> {
  const files = await readdir(path.join(PACKAGES, folder, "src"), { recursive: true });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing"));
  const texts = await Promise.all(sources.map((file) => readFile(path.join(PACKAGES, folder, "src", file), "utf8")));
  return texts.flatMap((text) =>
    [...text.matchAll(/import \{([^}]*)\} from "@tape\/store"|\{([^}]*)\} = await import\("@tape\/store"\)/g)].flatMap(([, given, late]) =>
      (given ?? late ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type ")),
    ),
  );
}

test("everything that worker and sdk import from the store has something in its place", async () => {
  const names = [...new Set([...(await importedBy("worker")), ...(await importedBy("sdk"))])];
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !(name in standIn))).toEqual([]);
});
