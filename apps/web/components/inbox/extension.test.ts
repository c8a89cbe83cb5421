import { gateFactory, meFactory } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { EXTENSIONS, extensionOf, whyNotExtend, whyNotMore } from "./extension.ts";

describe("more time", () => {
  it("is what was clicked, or minutes as they were written", () => {
    expect(EXTENSIONS.map(({ id }) => extensionOf(id, "90").forMs)).toEqual([900_000, 3_600_000, 14_400_000, 86_400_000, 5_400_000]);
    expect(extensionOf("own", " 1,5 ").forMs).toBe(90_000);
  });

  it("is refused in words when it is none", () => {
    for (const own of ["", "soon", "-5", "0", "1e99", "999999999"]) expect(extensionOf("own", own), own).toMatchObject({ forMs: null, error: expect.stringMatching(/\w/) });
  });

  it("is more than there is", () => {
    const now = Date.parse("2026-11-24T10:00:00Z");
    expect(whyNotMore("2026-11-24T10:30:00Z", 3_600_000, now)).toBeNull();
    expect(whyNotMore("2026-11-24T12:00:00Z", 3_600_000, now)).toMatch(/more time left/);
    expect(whyNotMore(null, 1, now)).toBeNull();
  });

  it("is given by who may decide, by who has voted, and by operators", () => {
    const gate = gateFactory.open();
    expect(whyNotExtend(gate, meFactory.approver())).toBeNull();
    expect(whyNotExtend(gate, meFactory.operator())).toBeNull();
    expect(whyNotExtend(gate, meFactory.viewer())).toMatch(/approver/);
    const other = { ...gate, assignees: ["user:tom@acme.example"] };
    expect(whyNotExtend(other, meFactory.approver())).toMatch(/tom@acme.example/);
    const voted = { ...gate, decisions: [{ by: meFactory.approver().actor, outcome: "approved" as const, at: gate.openedAt, comment: null }] };
    expect(whyNotExtend(voted, meFactory.approver())).toBeNull();
    expect(whyNotExtend(gateFactory.approved(), meFactory.operator())).toBe("It is closed.");
  });
});
