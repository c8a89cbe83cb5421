import { describe, expect, it } from "vitest";
import { columnsOf, wordsOf } from "./columns.ts";

describe("columnsOf", () => {
  it("names the currency once when it is the same in every row", () => {
    const table = columnsOf([
      { id: "1", amount: { amount: "1.00", currency: "eur" } },
      { id: "2", amount: { amount: "2.00", currency: "EUR" }, note: "late" },
    ]);
    expect(table?.columns).toEqual([
      { key: "id", head: "ID", currency: null, isFigure: false, isShort: true },
      { key: "amount", head: "Amount EUR", currency: "EUR", isFigure: true, isShort: true },
      { key: "note", head: "Note", currency: null, isFigure: false, isShort: true },
    ]);
  });

  it("leaves the currency in the cells when it differs", () => {
    const table = columnsOf([{ sum: { amount: "1", currency: "EUR" } }, { sum: { amount: "1", currency: "JPY" } }]);
    expect(table?.columns[0]).toMatchObject({ head: "Sum", currency: null, isFigure: true });
  });

  it("is no table when it is no list of objects", () => {
    expect(columnsOf("a")).toBeNull();
    expect(columnsOf([1, 2])).toBeNull();
    expect(columnsOf([])).toBeNull();
  });
});

describe("wordsOf", () => {
  it("makes words of names", () => {
    expect(wordsOf("valueDate")).toBe("Value date");
    expect(wordsOf("cost_center")).toBe("Cost center");
    expect(wordsOf("iban")).toBe("IBAN");
  });
});
