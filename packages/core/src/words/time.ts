const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Milliseconds as people say them: `312 ms`, `4.2 s`, `42 s`, `3 m 20 s`, `3 h 12 m`, `2 d 4 h`. Cut, never rounded up. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs));
  if (ms < SECOND) return `${ms} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, "m", SECOND, "s");
  if (ms < DAY) return two(ms, HOUR, "h", MINUTE, "m");
  return two(ms, DAY, "d", HOUR, "h");
}

/** `just now`, `40 s ago`, `3 h ago`, `in 5 m`; beyond 30 days the date. `at` and `now` are instants or ms since 1970. */
export function relativeTime(at: Instant, now: Instant): string {
  const difference = msOf(now) - msOf(at);
  const distance = Math.abs(difference);
  if (distance < SECOND) return "just now";
  if (distance >= 30 * DAY) return formatDay(at);
  const words = coarse(distance);
  return difference > 0 ? `${words} ago` : `in ${words}`;
}

/** An ISO 8601 instant, a Date, or milliseconds since 1970. */
export type Instant = string | number | Date;

export function msOf(at: Instant): number {
  return typeof at === "string" ? Date.parse(at) : Number(at);
}

export function isoOf(at: Instant): string {
  return new Date(msOf(at)).toISOString();
}

/** `24 Nov 2026, 10:42:13 UTC`: what a relative time shows on hover. */
export function formatInstant(at: Instant): string {
  return `${formatDay(at)}, ${clock(at)} UTC`;
}

/** `10:42 UTC` on the day of `now`, else `25 Nov, 10:42 UTC`, with the year when it is another one. */
export function formatUntil(at: Instant, now: Instant): string {
  const time = `${clock(at).slice(0, 5)} UTC`;
  if (formatDay(at) === formatDay(now)) return time;
  const sameYear = new Date(msOf(at)).getUTCFullYear() === new Date(msOf(now)).getUTCFullYear();
  return `${sameYear ? formatDay(at).slice(0, -5) : formatDay(at)}, ${time}`;
}

/** `10:42:13 UTC`: an instant that is only seconds away. */
export function formatClock(at: Instant): string {
  return `${clock(at)} UTC`;
}

/** `24 Nov 2026`, by UTC. */
export function formatDay(at: Instant): string {
  const date = new Date(msOf(at));
  if (Number.isNaN(date.getTime())) return String(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function clock(at: Instant): string {
  const date = new Date(msOf(at));
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().slice(11, 19);
}

function two(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigUnit}${rest === 0 ? "" : ` ${rest} ${smallUnit}`}`;
}

function coarse(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}
