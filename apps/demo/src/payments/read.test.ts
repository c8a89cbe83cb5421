import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sayProblem } from "./payment.ts";
import { PaymentFileError, readPayments } from "./read.ts";
import { anyDialect, anyPayment, asPayment, ibanOf, writeCsv } from "./testing.ts";

const HEADER = "creditor,iban,amount,currency,reference";
const GOOD = `Acme GmbH,${ibanOf(1)},1240.00,EUR,INV-1`;
const read = (...lines: string[]) => readPayments([HEADER, ...lines].join("\n"));

test("a plain file", () => {
  expect(read(GOOD, `Bolt AG,${ibanOf(2)},0.10,eur,INV-2`)).toEqual({
    payments: [
      { line: 2, creditor: "Acme GmbH", iban: ibanOf(1), amount: { amount: "1240.00", currency: "EUR" }, reference: "INV-1" },
      { line: 3, creditor: "Bolt AG", iban: ibanOf(2), amount: { amount: "0.10", currency: "EUR" }, reference: "INV-2" },
    ],
    problems: [],
    rows: 2,
    rejectedRows: 0,
    totals: [{ amount: "1240.10", currency: "EUR" }],
    ignoredColumns: [],
  });
});

test("headers go by other names, in any order, and columns nobody asked for are told", () => {
  const file = readPayments(`Notes;Betrag;IBAN;Payee Name;CCY;Invoice No.\n;1.240,50;${ibanOf(1).replace(/(.{4})/g, "$1 ")};"Acme; GmbH";EUR;R-1\n`);
  expect(file.payments).toEqual([{ line: 2, creditor: "Acme; GmbH", iban: ibanOf(1), amount: { amount: "1240.50", currency: "EUR" }, reference: "R-1" }]);
  expect(file.ignoredColumns).toEqual(["Notes"]);
});

test("the exact header wins over one that merely could be meant", () => {
  const file = readPayments(`description,creditor,iban,amount,currency,reference\nchairs,Acme,${ibanOf(1)},1,EUR,R-1`);
  expect(file.payments[0]?.reference).toBe("R-1");
  expect(file.ignoredColumns).toEqual(["description"]);
});

describe("bad rows are listed by line and column with the reason", () => {
  test("every problem of a row is told, and the good rows stay", () => {
    const file = read(GOOD, ",DE00,12.345,JPY,", GOOD.replaceAll("1", "2").replace(/DE\d+/, ibanOf(3)));
    expect(file.payments.map(({ line }) => line)).toEqual([2, 4]);
    expect(file.problems.map(({ line, column }) => [line, column])).toEqual([
      [3, "creditor"],
      [3, "iban"],
      [3, "amount"],
      [3, "currency"],
      [3, "reference"],
    ]);
    expect(file).toMatchObject({ rows: 3, rejectedRows: 1 });
  });

  test.each([
    ["a digit of the account is wrong", GOOD.replace(/(DE\d+)\d,/, (_, head: string) => `${head}${ibanOf(1).endsWith("9") ? "8" : "9"},`), "iban", "check digits"],
    ["an unknown country", GOOD.replace("DE", "XX"), "iban", "no IBAN begins with XX"],
    ["an account too short", GOOD.replace(/DE\d+/, "DE8937"), "iban", "another length"],
    ["an account with a dash", GOOD.replace("DE", "DE-"), "iban", "only letters and digits"],
    ["a currency the bank does not pay", GOOD.replace("EUR", "XBT"), "currency", "the bank pays only EUR"],
    ["a name too long", GOOD.replace("Acme", "A".repeat(80)), "creditor", "longer than 70"],
    ["a name of two lines", GOOD.replace("Acme GmbH", '"Acme\nGmbH"'), "creditor", "one line"],
    ["a name in the wrong encoding", GOOD.replace("Acme", "B\ufffdcker"), "creditor", "UTF-8"],
    ["a reference that is missing", GOOD.replace("INV-1", ""), "reference", "is empty"],
    ["a column too few", GOOD.replace(",INV-1", ""), null, "the header has 5"],
    ["a column too many", `${GOOD},x`, null, "the header has 5"],
  ])("%s", (_, row, column, reason) => {
    const file = read(row);
    expect(file.problems).toEqual([{ line: 2, column, value: expect.any(String), reason: expect.stringContaining(reason) }]);
    expect(file).toMatchObject({ payments: [], rows: 1, rejectedRows: 1, totals: [] });
  });

  test("a payment that stands there twice is paid once and told once", () => {
    const file = read(GOOD, GOOD.replace("Acme GmbH", "ACME").replace("INV-1", "inv-1"), GOOD.replace("INV-1", "INV-2"));
    expect(file.payments.map(({ line }) => line)).toEqual([2, 4]);
    expect(file.problems.map(sayProblem)).toEqual(["Line 3 “inv-1”: is the same payment as line 2"]);
  });

  test("lines are counted as an editor counts them, with blank lines and line breaks in quotes", () => {
    const file = readPayments(`\ufeff${HEADER}\r\n\r\n"Acme\r\nGmbH",${ibanOf(1)},1,EUR,A\r\n,,,,\r\n${GOOD}\r\nx,x,x,x,x\r\n`);
    expect(file.payments.map(({ line }) => line)).toEqual([6]);
    expect(file.problems.map(({ line }) => line)).toEqual([3, 7, 7, 7]);
    expect(file.rows).toBe(3);
  });
});

describe("a file that makes no sense as a whole is refused", () => {
  test.each([
    ["empty", "", "The file is empty."],
    ["only blank", "\ufeff\r\n  \n,,\n", "The file is empty."],
    ["a header alone", `${HEADER}\n`, "no payments"],
    ["no header", GOOD, "are missing. Line 1 has “Acme GmbH”"],
    ["a column missing", "creditor,iban,amount,currency\na,b,c,d", "The column reference is missing"],
    ["a column twice", `${HEADER},Amount\n${GOOD},2`, "Two columns are called “amount”"],
    ["a quote never closed", `${HEADER}\n${GOOD}\n"Acme,${ibanOf(1)},1,EUR,X\n${GOOD}`, "A quote opened on line 3"],
    ["a quote in the wrong place", `${HEADER}\n${GOOD}\n"Acme" GmbH,${ibanOf(1)},1,EUR,X`, "Line 3 has a quote in the wrong place"],
    ["another kind of file", "PK\u0003\u0004\u0000\u0000binary", "are missing"],
  ])("%s", (_, csv, message) => {
    expect(() => readPayments(csv)).toThrow(PaymentFileError);
    expect(() => readPayments(csv)).toThrow(message);
  });
});

test("10,000 rows are all read, within a second or two", () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => `Supplier ${n},${ibanOf(n)},${n % 100}.10,EUR,INV-${n}`);
  const began = performance.now();
  const file = read(...rows);
  expect(file.payments).toHaveLength(10_000);
  expect(file.payments.at(-1)?.line).toBe(10_001);
  expect(file.totals).toEqual([{ amount: "496000.00", currency: "EUR" }]);
  expect(performance.now() - began).toBeLessThan(5000);
});

test("what any spreadsheet writes is read back unchanged", () => {
  fc.assert(
    fc.property(fc.array(anyPayment, { minLength: 1, maxLength: 20 }), anyDialect, (drafts, dialect) => {
      const expected = drafts.map((draft, index) => asPayment(draft, index + 2));
      const rows = expected.map(({ creditor, iban, amount, reference }) => [creditor, iban, amount.amount, amount.currency, reference]);
      const file = readPayments(writeCsv([HEADER.split(","), ...rows], dialect));
      expect(file.problems).toEqual([]);
      expect(file.payments).toEqual(expected);
    }),
  );
});

test("no row is ever lost: each is a payment or has a problem, whatever stands in it", () => {
  const cell = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom("EUR", "1.00", ibanOf(1), "Acme", "", "R-1"));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 30 }), anyDialect, (rows, dialect) => {
      const file = attempt(writeCsv([HEADER.split(","), ...rows], dialect));
      if (file === undefined) return;
      const filled = rows.filter((row) => row.some((each) => each.trim() !== "")).length;
      expect(file.rows).toBe(filled);
      expect(file.payments.length + new Set(file.problems.map(({ line }) => line)).size).toBe(filled);
      expect(file.payments.length + file.rejectedRows).toBe(filled);
    }),
  );
});

test("any text at all is read or refused with a reason", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void attempt(text)));
});

/** `undefined` when it is refused as a whole. */
function attempt(csv: string): ReturnType<typeof readPayments> | undefined {
  try {
    return readPayments(csv);
  } catch (error) {
    expect(error).toBeInstanceOf(PaymentFileError);
    return undefined;
  }
}
