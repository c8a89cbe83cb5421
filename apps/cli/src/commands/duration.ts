import { instant } from "@tape/core";
import { InvalidArgumentError } from "commander";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `90s`, `10m`, `1h`, `7d`, in milliseconds. */
export function duration(given: string): number {
  const [, amount = "0", unit = ""] = /^([1-9]\d{0,5})(ms|s|m|h|d)$/.exec(given) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? 0);
  if (ms === 0) throw new InvalidArgumentError("It is like 90s, 10m, 1h or 7d.");
  return ms;
}

/** An instant in any ISO 8601 form, as the wire has it. */
export function moment(given: string): string {
  const at = new Date(given);
  if (!/^\d{4}-\d{2}-\d{2}/.test(given) || Number.isNaN(at.getTime()) || !instant.safeParse(at.toISOString()).success) throw new InvalidArgumentError("It is like 2026-05-01T08:00:00Z.");
  return at.toISOString();
}
