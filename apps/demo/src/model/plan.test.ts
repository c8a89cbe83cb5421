import fc from "fast-check";
import { expect, test } from "vitest";
import { anyPayment, asPayment } from "../payments/testing.ts";
import type { Payment } from "../payments/payment.ts";
import { askForPlan, inOrderOf, plan, planRequest, PlanRefused } from "./plan.ts";
import { planner } from "./planner.ts";

const pay = (line: number, creditor: string, iban: string, amount: string, currency: "EUR" | "USD" = "EUR"): Payment => ({
  line,
  creditor,
  iban,
  amount: { amount, currency },
  reference: `R-${line}`,
});

const FIVE = [
  pay(2, "Acme", "DE1", "100.00"),
  pay(3, "Bolt", "AT1", "900.00"),
  pay(4, "Acme", "DE1", "50.00"),
  pay(5, "Cork", "AT1", "10.00", "USD"),
  pay(6, "Dell", "NL1", "150.00"),
];

test("the plan pays small groups first and says what stands out", async () => {
  const { content } = await planner.complete(askForPlan(FIVE, 2));
  expect(content).toEqual({
    order: ["AT USD", "DE EUR", "NL EUR", "AT EUR"],
    notes: ["Bolt receives 900.00 EUR, 75.0 % of all EUR.", "The account AT1 goes by 2 names: Bolt, Cork.", "Acme is paid 2 times.", "2 rows of the file cannot be paid and are listed below."],
    rationale: "5 payments to 3 countries, country by country, the smallest sum first: a wrong account shows while little has been paid.",
  });
  expect(inOrderOf(content, FIVE).map(({ line }) => line)).toEqual([5, 2, 4, 6, 3]);
});

test("usage is counted: tokens, and what they cost", async () => {
  const { usage } = await planner.complete(askForPlan(FIVE, 0));
  expect(usage.inputTokens).toBeGreaterThan(100);
  expect(usage.outputTokens).toBeGreaterThan(40);
  expect(usage.costMicroUsd).toBe(usage.inputTokens * 3 + usage.outputTokens * 15);
});

test("the same batch gets the same plan, every payment is in it once, and the request stays small", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPayment, { minLength: 1, maxLength: 60 }), async (drafts) => {
      const payments = drafts.map((draft, index) => asPayment(draft, index + 2));
      const request = askForPlan(payments, 0);
      const first = await planner.complete(planRequest.parse(request));
      expect(await planner.complete(askForPlan(payments, 0))).toEqual(first);
      const ordered = inOrderOf(plan.parse(first.content), payments);
      expect(ordered).toHaveLength(payments.length);
      expect(new Set(ordered)).toEqual(new Set(payments));
      expect(JSON.stringify(request).length).toBeLessThan(20_000);
    }),
  );
});

test.each([
  ["leaves a group out", ["AT USD", "DE EUR", "NL EUR"]],
  ["pays a group twice", ["AT USD", "DE EUR", "NL EUR", "AT EUR", "DE EUR"]],
  ["invents a group", ["AT USD", "DE EUR", "NL EUR", "AT EUR", "FR EUR"]],
])("a plan that %s is refused", (_, order) => {
  expect(() => inOrderOf({ order, notes: [], rationale: "x" }, FIVE)).toThrow(PlanRefused);
});
