import { expect, it } from "vitest";
import { visible } from "./visible.ts";

it("shows what hides in foreign text and leaves the rest alone", () => {
  expect(visible("\u202Emoc.evil@x")).toBe("\\u202Emoc.evil@x");
  expect(visible("a\u200Bb\u0000")).toBe("a\\u200Bb\\u0000");
  expect(visible("Zoë\tŁukasiewicz\n<b>محمد</b>")).toBe("Zoë\tŁukasiewicz\n<b>محمد</b>");
});
