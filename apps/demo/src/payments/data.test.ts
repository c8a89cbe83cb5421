import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { sayProblem } from "./payment.ts";
import { readPayments } from "./read.ts";

const shipped = async (name: string) => readPayments(await readFile(path.join(import.meta.dirname, "..", "..", "data", name), "utf8"));

test.each([
  ["payments-3.csv", 3, "1696.55"],
  ["payments-5.csv", 5, "18420.50"],
  ["payments-200.csv", 200, "234249.11"],
])("%s has %i payments and nothing wrong", async (name, count, total) => {
  const file = await shipped(name);
  expect(file).toMatchObject({ rows: count, rejectedRows: 0, problems: [], ignoredColumns: [], totals: [{ amount: total, currency: "EUR" }] });
  expect(file.payments).toHaveLength(count);
});

test("payments-bad.csv: three good rows, seven that are listed", async () => {
  const file = await shipped("payments-bad.csv");
  expect(file.payments.map(({ line, reference }) => [line, reference])).toEqual([
    [2, "INV-1"],
    [9, "INV-7"],
    [11, "INV-9"],
  ]);
  expect(file).toMatchObject({ rows: 10, rejectedRows: 7, totals: [{ amount: "1362.30", currency: "EUR" }], ignoredColumns: ["Cost centre"] });
  expect(file.problems.map(sayProblem)).toMatchInlineSnapshot(`
    [
      "Line 3, IBAN “DE18200505504421369125”: the IBAN's check digits do not match, a digit is wrong or two are swapped",
      "Line 4, Amount “1,200”: can be read in two ways, write 1200.00 or 1.20",
      "Line 5, Amount “-75,00”: must be more than zero",
      "Line 6, Payee: is empty",
      "Line 7, Amount “80,005”: can be read in two ways, write 1200.00 or 1.20",
      "Line 7, Ccy “JPY”: the bank pays only EUR, USD, GBP, CHF, SEK, NOK, DKK, PLN, CZK, RON",
      "Line 7, Invoice No.: is empty",
      "Line 8 “INV-1”: is the same payment as line 2",
      "Line 10 “5 columns”: the header has 6",
    ]
  `);
});
