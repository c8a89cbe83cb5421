import type { Entry } from "../../entry/index.ts";
import { testId } from "../fixed.ts";
import { worst } from "../worst.ts";
import { JournalBuilder } from "./builder.ts";
import { claimed, WORKER_A } from "./steps.ts";

/** Names, sums, payloads and errors that break careless screens, one effect each; then a failure. */
export function worstJournal(): Entry[] {
  const journal = new JournalBuilder(testId("run", 900));
  journal.add("run", "started", {
    agent: worst.longName,
    version: worst.longName.slice(0, 60),
    invocationId: worst.longName,
    input: worst.payload,
    labels: { [worst.longName.slice(0, 64)]: worst.longName, empty: "", html: worst.html },
    startedBy: `user:${worst.longName}@example.com`,
  });
  claimed(journal.after(150), WORKER_A, 1);
  calls(journal, worst.longName, { amount: worst.money, to: worst.longWords });
  calls(journal, "wire", { amount: worst.money, to: worst.rightToLeft });
  calls(journal, "wire", { amount: worst.negativeMoney, to: worst.html });
  calls(journal, "wire", worst.payload);
  calls(journal, worst.reordering, { to: worst.reordering });
  calls(journal, worst.rightToLeft, {}, worst.rightToLeft);
  calls(journal, "note", { name: worst.emoji }, worst.control);
  calls(journal, "empty", null);
  calls(journal, "log", worst.hugeText, worst.hugeText);
  return journal.after(5).add("run", "failed", { error: { name: "Error", message: worst.html + worst.hugeText, stack: worst.control } }).entries;
}

function calls(journal: JournalBuilder, tool: string, request: unknown, summary?: string): void {
  const call = journal.entries.length;
  const step = { effectId: journal.id("eff"), key: journal.key(0, tool, call) };
  const fingerprint = journal.fingerprint(String(call));
  journal.after(3).add("effect", "intended", { ...step, tool, request, fingerprint, semantics: "IDEMPOTENT", dispatch: "INLINE", summary });
  journal.after(80).add("effect", "confirmed", { ...step, by: "driver", result: request, summary, durationMs: 80 });
}
