// Imported before a worker's main module: its clock is wrong by TAPE_CLOCK_SHIFT_MS from its first line on.
const shiftMs = Number(process.env.TAPE_CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;
if (shiftMs !== 0) {
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: [], newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}

export {};
