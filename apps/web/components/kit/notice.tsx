import type { ReactNode } from "react";
import type { Tone } from "@tape/core";
import { cx } from "./cx.ts";
import { toneInk, toneSoft } from "./state.tsx";

/** A sentence that stands out from the page: what went wrong and what to do, or why something waits. */
export function Notice({ tone = "quiet", icon, children, role }: { tone?: Tone; icon?: ReactNode; children: ReactNode; role?: "alert" | "status" }) {
  return (
    <div role={role} className={cx("flex items-start gap-2 rounded-md px-3 py-2", toneSoft(tone))}>
      {icon && <span className={cx("mt-0.5 shrink-0", toneInk(tone))}>{icon}</span>}
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** Nothing is here: says so and says what to do. `isPage`: it stands for the whole screen. */
export function Empty({ title, children, icon, isPage = false }: { title: string; children?: ReactNode; icon?: ReactNode; isPage?: boolean }) {
  const Heading = isPage ? "h1" : "p";
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-20 text-center">
      {icon && <span className="mb-1 text-ink-3">{icon}</span>}
      <Heading className="text-lg font-medium">{title}</Heading>
      {children && <div className="max-w-sm text-ink-2 text-pretty">{children}</div>}
    </div>
  );
}
