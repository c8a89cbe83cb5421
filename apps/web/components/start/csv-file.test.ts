import { expect, it } from "vitest";
import { readCsv } from "./csv-file.ts";

const file = (name: string, bytes: Uint8Array<ArrayBuffer>) => ({ name, size: bytes.length, arrayBuffer: async () => bytes.buffer });

it("reads UTF-8, with or without its mark, and counts the lines that say something", async () => {
  const read = await readCsv(file("a.csv", new TextEncoder().encode("\uFEFFid,name\r\n1,Zoë\r\n\r\n")));
  expect(read).toMatchObject({ name: "a.csv", lines: 2, head: ["id,name", "1,Zoë"], text: "id,name\r\n1,Zoë\r\n\r\n" });
});

it("refuses what would arrive changed, empty, or not at all", async () => {
  expect(await readCsv(file("latin1.csv", new Uint8Array([0x5a, 0x6f, 0xeb])))).toContain("not UTF-8");
  expect(await readCsv(file("none.csv", new Uint8Array()))).toContain("empty");
  expect(await readCsv(file("big.csv", new Uint8Array(2 * 1024 * 1024)))).toContain("2.0 MiB; at most 1.0 MiB");
});
