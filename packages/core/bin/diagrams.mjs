// npm run diagrams: draws the machines of src/machine into the pages that show them. A test says when they are stale.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withDiagrams } from "../src/machine/diagram.ts";

for (const page of ["../README.md", "../../store/README.md"]) {
  const path = fileURLToPath(new URL(page, import.meta.url));
  const before = await readFile(path, "utf8");
  const after = withDiagrams(before);
  if (after !== before) await writeFile(path, after);
  console.log(`${after === before ? "up to date" : "drawn"}  ${path}`);
}
