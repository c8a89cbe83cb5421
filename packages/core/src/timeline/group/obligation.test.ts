import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const step = { effectId: "eff_1", key: "k" };
const which = { obligationId: "obl_1", effectId: "eff_1" };
const error = { name: "Error", message: "recall refused" };

function registered(summary: string | undefined = "Recall 50.00 EUR from Acme"): JournalBuilder {
  return new JournalBuilder()
    .add("effect", "intended", { ...step, tool: "wire", request: null, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE", summary: "Wire 50.00 EUR to Acme" })
    .add("effect", "confirmed", { ...step, by: "driver", result: null })
    .add("obligation", "registered", { ...which, compensator: "reverse-wire", summary, reason: "confirmed" });
}

const rows = (journal: JournalBuilder) => timeline(journal.entries).map(({ sentence, status, tone }) => `${tone} ${status}: ${sentence}`);

describe("an obligation", () => {
  test("is a note under its effect while it is dormant", () => {
    const [effect, ...others] = timeline(registered().entries);
    expect(others).toEqual([]);
    expect(effect?.notes.map(({ sentence, tone }) => `${tone}: ${sentence}`)).toEqual(["quiet: Can be undone: Recall 50.00 EUR from Acme"]);
  });

  test("armed is a row of its own; done, its effect is undone too", () => {
    const journal = registered().after(1000).add("obligation", "armed", which);
    expect(rows(journal)).toEqual(["quiet confirmed: Wire 50.00 EUR to Acme", "undone undoing: Undoing: Recall 50.00 EUR from Acme"]);
    journal.after(200).add("obligation", "compensated", { ...which, by: "worker:reverse-wire" });
    expect(rows(journal)).toEqual(["undone undone: Wire 50.00 EUR to Acme", "undone undone: Undone: Recall 50.00 EUR from Acme"]);
    expect(timeline(journal.entries)[1]).toMatchObject({ durationMs: 200, refs: { obligationId: "obl_1", effectId: "eff_1" } });
  });

  test("without words is told by its compensator and what it undoes", () => {
    const journal = new JournalBuilder()
      .add("effect", "intended", { ...step, tool: "wire", request: null, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE", summary: "Wire 50.00 EUR to Acme" })
      .add("obligation", "registered", { ...which, compensator: "reverse-wire", reason: "confirmed" })
      .add("obligation", "armed", which);
    expect(rows(journal)[1]).toBe("undone undoing: Undoing: reverse-wire for Wire 50.00 EUR to Acme");
  });

  test("that gives up needs an operator, until it is retried or waived", () => {
    const journal = registered().add("obligation", "armed", which);
    journal.after(10).add("obligation", "attempt_failed", { ...which, attempt: 1, error, nextAttemptAt: journal.in(1000) });
    journal.after(1000).add("obligation", "stuck", { ...which, error });
    expect(timeline(journal.entries)[1]).toMatchObject({ tone: "operator", status: "stuck", waiting: true, endedAt: null, attempts: 2, sentence: "Could not undo: Recall 50.00 EUR from Acme (recall refused)" });
    journal.after(5000).add("obligation", "retried", { ...which, by: "user:olga@acme.example", reason: "bank called" });
    expect(timeline(journal.entries)[1]).toMatchObject({ tone: "undone", status: "undoing", waiting: false });
    journal.after(5).add("obligation", "waived", { ...which, by: "user:olga@acme.example", reason: "vendor keeps it" });
    expect(timeline(journal.entries)[1]).toMatchObject({ tone: "quiet", status: "waived", struck: true, sentence: "Not undone, waived by olga@acme.example: Recall 50.00 EUR from Acme" });
    expect(rows(journal)[0]).toBe("quiet confirmed: Wire 50.00 EUR to Acme");
  });

  test("for an extra copy is said in red under its effect", () => {
    const journal = registered().add("obligation", "registered", { obligationId: "obl_2", effectId: "eff_1", compensator: "reverse-wire", reason: "duplicate" });
    expect(timeline(journal.entries)[0]?.notes.at(-1)).toMatchObject({ tone: "operator", sentence: "An extra copy has to be undone: reverse-wire" });
  });

  test("whose effect is not here is a row from its registration on", () => {
    const journal = new JournalBuilder().add("obligation", "registered", { ...which, compensator: "reverse-wire", reason: "confirmed" });
    expect(rows(journal)).toEqual(["quiet can be undone: Can be undone: reverse-wire"]);
  });

  test("marked as undone by a person says whose word it is, and why", () => {
    const journal = registered().add("obligation", "armed", which).add("obligation", "stuck", { ...which, error });
    journal.add("obligation", "compensated", { ...which, by: "user:olga@acme.example", reason: "The bank sent it back by hand" });
    expect(timeline(journal.entries)[1]).toMatchObject({ status: "undone", endedAt: journal.now, sentence: "Marked as undone by olga@acme.example: Recall 50.00 EUR from Acme" });
    expect(timeline(journal.entries)[1]?.notes.at(-1)?.sentence).toBe("Marked as undone by olga@acme.example: “The bank sent it back by hand”");
  });
});
