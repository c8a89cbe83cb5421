import type { Entry } from "../../entry/index.ts";
import type { Gate } from "../../wire/gate.ts";
import { at, testFingerprint, testId } from "../fixed.ts";
import { journalOf } from "../journal/index.ts";
import { gatesOf } from "../world/gates.ts";
import { worst } from "../worst.ts";

type Overrides = Partial<Gate>;

function lastOf(journal: () => Entry[], changes: Overrides = {}) {
  return (overrides: Overrides = {}): Gate => {
    const gate = gatesOf(journal()).at(-1);
    if (gate === undefined) throw new Error("the journal of this factory has no gate");
    return { ...gate, ...changes, ...overrides };
  };
}

/** One gate in every state, as `GET /gates/:id` answers it. */
export const gateFactory = {
  open: lastOf(() => journalOf.payBatch({ until: "gate" })),
  /** No words of its own, no deadline, anyone may decide: what a gate is at the least. */
  bare: lastOf(() => journalOf.payBatch({ until: "gate" }), {
    name: "continue",
    display: null,
    form: null,
    risk: null,
    assignees: [],
    deadlineAt: null,
    payload: { ok: true },
    fingerprint: testFingerprint("bare"),
  }),
  halfway: lastOf(() => journalOf.escalated()),
  withForm: lastOf(() => journalOf.payBatch({ until: "gate" }), {
    form: [
      { name: "account", label: "Pay from", type: "select", required: true, options: ["Operating account", "Reserve account"] },
      { name: "limit", label: "Daily limit", type: "number", required: false },
      { name: "urgent", label: "Send as urgent", type: "boolean", required: false },
      { name: "note", label: "Note to the vendor", type: "textarea", required: false },
    ],
  }),
  almostExpired: lastOf(() => journalOf.payBatch({ until: "gate" }), { deadlineAt: at(6 * 60 * 60_000 + 42_000) }),
  approved: lastOf(() => journalOf.payBatch()),
  rejected: lastOf(() => journalOf.rejected()),
  timedOut: (overrides: Overrides = {}): Gate => ({ ...(gatesOf(journalOf.escalated())[0] ?? gateFactory.open()), ...overrides }),
  cancelled: lastOf(() => journalOf.payBatch({ until: "gate" }), { status: "CANCELLED", outcome: "cancelled", decidedAt: at(9000) }),
} as const;

/** The five worst cards of the inbox. */
export function worstGates(): Gate[] {
  const fields = Object.keys(worst.payload).map((path) => ({ label: path.replaceAll("_", " "), path, as: "json" as const }));
  const display = { title: worst.longWords, question: worst.longWords, fields: [], onApprove: worst.longWords, onReject: worst.html, onExpiry: worst.rightToLeft };
  const cards: Gate[] = [
    gateFactory.open({ name: worst.longName, agent: worst.longName, display, assignees: Array.from({ length: 30 }, (_, n) => `user:approver-${n}@acme.example`), quorum: 12 }),
    gateFactory.open({
      payload: { total: worst.money, refund: worst.negativeMoney, fee: worst.yen },
      display: {
        title: `Pay 99,999,999,999,999.99 EUR to ${worst.rightToLeft}`,
        fields: [
          { label: "Total", path: "total", as: "money" },
          { label: "Refund", path: "refund", as: "money" },
          { label: "Fee", path: "fee", as: "money" },
        ],
      },
    }),
    gateFactory.open({ payload: worst.payload, display: { title: "40 fields", fields } }),
    gateFactory.open({ payload: { html: worst.html, text: worst.hugeText }, display: { title: worst.html, question: worst.reordering, fields: [{ label: worst.html, path: "html", as: "text" }, { label: "Text", path: "text", as: "text" }, { label: "Missing", path: "no.such.path", as: "table" }] } }),
    gateFactory.bare({ name: "x", payload: null }),
  ];
  return cards.map((gate, n) => ({ ...gate, id: testId("gate", 900 + n), runId: testId("run", 900 + n), fingerprint: testFingerprint(`worst ${n}`) }));
}
