import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const PAGE = readFileSync(path.join(ROOT, "packages/store/GUARANTEES.md"), "utf8");

/** Every proof of the page: a file, and how the title of a test in it begins. */
const proofs = PAGE.split("\n")
  .filter((line) => line.startsWith("  - `"))
  .flatMap((line) => line.slice("  - ".length).split("; "))
  .map((proof) => /^`(?<file>[^`]+)` (?<title>.+)$/.exec(proof)?.groups as { file: string; title: string });

/** Is there a test or a group of tests whose title begins so? */
function isTested({ file, title }: { file: string; title: string }): boolean {
  const at = path.join(ROOT, file);
  if (!existsSync(at)) return false;
  const lines = readFileSync(at, "utf8").split("\n");
  return lines.some((line) => /^\s*(test|it|describe)\b/.test(line) && (line.includes(`"${title}`) || line.includes(`\`${title}`)));
}

test("each proof that the page of guarantees names is a test that exists", () => {
  expect(proofs.length).toBeGreaterThan(50);
  expect(proofs.filter((proof) => !isTested(proof))).toEqual([]);
});

test("each promise of the page has a proof", () => {
  const promises = PAGE.split("\n- ").slice(1).filter((text) => text.startsWith("**") && !text.startsWith("**Not promised"));
  expect(promises.length).toBeGreaterThan(30);
  expect(promises.filter((text) => !/\n {2}- `/.test(text))).toEqual([]);
});
