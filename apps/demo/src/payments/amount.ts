import { MAX_CENTS } from "../money/cents.ts";

export type ParsedAmount = { cents: bigint } | { problem: string };

const SPACES = /[\s\u00a0\u2007\u2009\u202f]/gu;
/** Whole numbers, and one or two decimals behind a point or a comma. */
const PLAIN = /^(\d+)(?:[.,](\d{1,2}))?$/;
/** Thousands in groups of three that cannot be taken for decimals: the other mark follows, with two digits. */
const GROUPED = [/^(\d{1,3}(?:,\d{3})+)\.(\d{2})$/, /^(\d{1,3}(?:\.\d{3})+),(\d{2})$/, /^(\d{1,3}(?:['’]\d{3})+)(?:[.,](\d{2}))?$/];

/**
 * Reads an amount of money as people and spreadsheets write it: `1200`, `1200.5`, `1200,50`, `1,200.50`, `1.200,50`,
 * `1 200,50`, `1'200.50`. What can be read two ways (`1,200`) is refused, never guessed. Exact: no float is involved.
 */
export function parseAmount(text: string): ParsedAmount {
  const written = text.trim();
  if (written === "") return { problem: "is empty" };
  if (/^[-−(]/.test(written)) return { problem: "must be more than zero" };
  if (/[^\d.,'’\s\u00a0\u2007\u2009\u202f]/u.test(written)) return { problem: "must be a figure like 1200.00, the currency has its own column" };
  const spaced = withoutGroupSpaces(written);
  if (spaced === undefined) return { problem: "has a space in the wrong place, write 1200.00" };
  const match = PLAIN.exec(spaced) ?? GROUPED.map((form) => form.exec(spaced)).find((found) => found !== null);
  return match ? within(match[1] ?? "", match[2]) : { problem: whyNot(spaced) };
}

/** `1 200,50` → `1200,50`; `undefined` when a space stands elsewhere than between groups of three. */
function withoutGroupSpaces(written: string): string | undefined {
  if (written.search(SPACES) < 0) return written;
  const plain = written.replace(SPACES, " ");
  return /^\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?$/.test(plain) ? plain.replaceAll(" ", "") : undefined;
}

function within(whole: string, fraction = ""): ParsedAmount {
  const cents = BigInt(whole.replace(/\D/g, "") + fraction.padEnd(2, "0"));
  if (cents === 0n) return { problem: "must be more than zero" };
  if (cents > MAX_CENTS) return { problem: "is too large" };
  return { cents };
}

function whyNot(written: string): string {
  if (/^\d{1,3}[.,]\d{3}$/.test(written)) return "can be read in two ways, write 1200.00 or 1.20";
  if (/^\d+[.,]\d{3,}$/.test(written)) return "has more than two decimals";
  return "is no amount, write it like 1200.00";
}
