import fc from "fast-check";
import { CHOICES } from "./command/index.ts";
import type { History, Step } from "./history.ts";
import { PREFIXES, type PrefixName } from "./prefix/index.ts";

/** Numbers that choose: enough for the command that asks for most. They shrink to none, which chooses the plainest, or not at all: number by number it would take hours. */
const picks = fc.option(fc.noShrink(fc.array(fc.nat(9_999), { minLength: 40, maxLength: 40 })), { freq: 1_000, nil: [] as number[] });

/** The first of these that there is something for. */
const tries = fc.array(fc.constantFrom(...CHOICES), { minLength: 1, maxLength: 4, size: "max" });

const step: fc.Arbitrary<Step> = fc.record({ tries, picks });

/** Now and then a second command at the same moment. */
const stepBeside: fc.Arbitrary<Step> = fc.record({ tries, picks, beside: fc.option(fc.record({ tries, picks }), { freq: 2, nil: null }) });

const prefix = fc.constantFrom(...(Object.keys(PREFIXES) as PrefixName[]));

/** Histories of at most so many steps, as many long ones as short, one thing after the other, or `atOnce` two of them. */
export function histories({ steps, atOnce = false }: { steps: number; atOnce?: boolean }): fc.Arbitrary<History> {
  return fc.noBias(fc.record({ prefix, steps: fc.array(atOnce ? stepBeside : step, { minLength: 1, maxLength: steps, size: "max" }) }));
}
