import { describe, expect, it } from "vitest";
import { press, type Shortcut } from "./press.ts";

const shortcut = (keys: string, repeats = false): Shortcut => ({ keys, label: keys, group: "test", run: () => undefined, repeats });
const all = [shortcut("j", true), shortcut("a"), shortcut("g r"), shortcut("g i"), shortcut("?"), shortcut("Enter")];

describe("press", () => {
  it("finds a shortcut of one key, whatever the case", () => {
    expect(press(null, { key: "J", atMs: 0 }, all).hit?.keys).toBe("j");
    expect(press(null, { key: "?", atMs: 0 }, all).hit?.keys).toBe("?");
  });

  it("waits for the second key of a sequence, and not for ever", () => {
    const first = press(null, { key: "g", atMs: 0 }, all);
    expect(first.hit).toBeNull();
    expect(press(first.prefix, { key: "r", atMs: 400 }, all).hit?.keys).toBe("g r");
    expect(press(first.prefix, { key: "r", atMs: 1400 }, all).hit).toBeNull();
  });

  it("takes a single key after a prefix that leads nowhere", () => {
    const first = press(null, { key: "g", atMs: 0 }, all);
    expect(press(first.prefix, { key: "j", atMs: 10 }, all).hit?.keys).toBe("j");
  });

  it("never repeats a key that decides", () => {
    expect(press(null, { key: "a", atMs: 0, repeat: true }, all).hit).toBeNull();
    expect(press(null, { key: "j", atMs: 0, repeat: true }, all).hit?.keys).toBe("j");
  });

  it("leaves keys alone that are meant for something else", () => {
    expect(press({ key: "g", atMs: 0 }, { key: "r", atMs: 10, elsewhere: true }, all)).toEqual({ prefix: null, hit: null });
  });
});
