import { cx } from "./cx.ts";

/** A key as it is printed on a keyboard. */
export function Kbd({ children, onDark = false }: { children: string; onDark?: boolean }) {
  return (
    <kbd
      className={cx(
        "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border px-1 font-sans text-xs leading-none font-medium",
        onDark ? "border-transparent bg-canvas/15 text-canvas" : "border-line bg-sunken text-ink-3",
      )}
    >
      {children}
    </kbd>
  );
}
