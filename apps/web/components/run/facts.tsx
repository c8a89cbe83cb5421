import type { ReactNode } from "react";
import { CopyButton } from "../kit/copy.tsx";
import { visible } from "../kit/visible.ts";

/** A list of names and values, the way every drawer shows them. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

/** A fact that a machine reads: in full, in mono, with a way to copy it. */
export function CodeFact({ name, value }: { name: string; value: string | null | undefined }) {
  if (value === null || value === undefined || value === "") return null;
  return (
    <Fact name={name}>
      <span className="flex items-start gap-1">
        <span className="min-w-0 font-mono text-xs leading-5 break-all">{visible(value)}</span>
        <CopyButton text={value} label={`Copy ${name.toLowerCase()}`} className="-my-0.5 pointer-coarse:-my-2" />
      </span>
    </Fact>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-medium text-ink-3">{title}</h3>
      {children}
    </section>
  );
}
