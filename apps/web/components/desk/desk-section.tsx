import { Check } from "lucide-react";
import type { ReactNode } from "react";

export interface DeskSectionProps {
  title: string;
  count: number;
  more?: boolean;
  about: string;
  /** What is said when there is nothing to do. */
  empty: string;
  children: ReactNode;
}

/** One pile of the desk. An empty one says that it is empty and takes one line. */
export function DeskSection({ title, count, more = false, about, empty, children }: DeskSectionProps) {
  return (
    <section className="flex flex-col">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b pb-2">
        <h2 className="font-semibold">
          {title} {count > 0 && <span className="figures ml-0.5 font-normal text-operator">{more ? `${count}+` : count}</span>}
        </h2>
        {count > 0 && <p className="text-sm text-ink-3 text-pretty">{about}</p>}
      </div>
      {count === 0 ? (
        <p className="flex items-center gap-2 py-3 text-ink-2">
          <Check size={14} aria-hidden /> {empty}
        </p>
      ) : null}
      {children}
    </section>
  );
}
