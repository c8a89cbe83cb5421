import { describe, expect, test } from "vitest";
import { worst } from "../testing/worst.ts";
import { sayActor, sayAssignees, sayWorker } from "./actor.ts";
import { figuresOf } from "./figures.ts";
import { clip, count, foreign, grouped, listed, oneLine, quoted } from "./text.ts";

describe("foreign text", () => {
  test("becomes one line", () => {
    expect(oneLine(worst.control)).toBe("line one line two tabbed");
    expect(oneLine("a\u00a0\u3000b\u2028c")).toBe("a b c");
    expect(oneLine("  clean  ")).toBe("clean");
    expect(oneLine("clean already")).toBe("clean already");
  });

  test("loses characters that reorder what follows them", () => {
    expect(oneLine(worst.reordering)).toBe("invoice 100");
  });

  test("is isolated when it runs right to left, and only then", () => {
    expect(foreign("Acme GmbH")).toBe("Acme GmbH");
    expect(foreign(worst.rightToLeft)).toBe(`\u2068${worst.rightToLeft}\u2069`);
  });

  test("is clipped by characters, not by halves of them", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("abcd", 4)).toBe("abcd");
    expect(clip("🏦🏦🏦", 3)).toBe("🏦🏦🏦");
    expect(clip("🏦🏦🏦🏦", 3)).toBe("🏦🏦…");
    expect([...foreign(worst.hugeText)]).toHaveLength(80);
    expect(quoted(worst.longName, 60)).toMatch(/^“.{59}…”$/);
  });
});

test("numbers and lists", () => {
  expect([grouped("1"), grouped("1234"), grouped("1234567.8901"), grouped("999")]).toEqual(["1", "1,234", "1,234,567.8901", "999"]);
  expect([count(1, "row"), count(0, "row"), count(12_000, "row"), count(2, "entry", "entries")]).toEqual(["1 row", "0 rows", "12,000 rows", "2 entries"]);
  expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c", "d"]), listed(["a", "b"], 3, "or")]).toEqual(["", "a", "a and b", "a, b and 2 more", "a or b"]);
});

test("people", () => {
  expect(sayActor("user:ann@acme.example")).toBe("ann@acme.example");
  expect(sayActor("cli:bob@laptop")).toBe("bob@laptop by command line");
  expect(sayActor("sdk:treasury")).toBe("app treasury");
  expect(sayActor("token:ci")).toBe("token ci");
  expect(sayActor("ann@acme.example")).toBe("ann@acme.example");
  expect(sayActor(null)).toBe("someone");
  expect(sayAssignees([])).toBe("any approver");
  expect(sayAssignees(["user:ann@acme.example", "role:cfo"])).toBe("ann@acme.example or role cfo");
  expect(sayWorker("wrk_01KASV7J00TAPETE000000000B")).toBe("worker 000B");
  expect(sayWorker("local")).toBe("worker local");
});

test.each([
  [{ amount: { amount: "12400", currency: "EUR" }, to: "Acme GmbH" }, "12,400.00 EUR to Acme GmbH"],
  [{ amount: "12400", currency: "EUR", recipient: { name: "Acme" } }, "12,400.00 EUR to Acme"],
  [{ amount: 99.5, currency: "USD" }, "99.50 USD"],
  [{ to: "ops@acme.example", subject: "Batch" }, "to ops@acme.example"],
  [{ file: "invoices.csv" }, "invoices.csv"],
  [{ id: 42 }, "id 42"],
  [{ rows: [1, 2, 3] }, "3 rows"],
  [[1, 2], "2 items"],
  ["done", "“done”"],
  [12_345, "12,345"],
  [{}, ""],
  [null, ""],
  [undefined, ""],
  [true, ""],
  [{ amount: "not a sum", currency: "EUR" }, ""],
])("the figures of %j are %j", (body, words) => {
  expect(figuresOf(body)).toBe(words);
});
