"use client";

import type { ReactNode } from "react";
import { Label, RadioButton, RadioField, RadioGroup } from "react-aria-components";

export interface RadioCard<T extends string> {
  value: T;
  name: string;
  /** What will happen when it is chosen. */
  about: ReactNode;
}

/** One of a few answers, each saying what follows from it. */
export function RadioCards<T extends string>({ label, value, onChange, options }: { label: string; value: T | null; onChange: (value: T) => void; options: readonly RadioCard<T>[] }) {
  return (
    <RadioGroup value={value} onChange={(next) => onChange(next as T)} className="flex flex-col gap-1.5">
      <Label className="text-sm font-medium text-ink-2">{label}</Label>
      <div className="flex flex-col overflow-hidden rounded-lg border border-line-strong">
        {options.map((option) => (
          <RadioField key={option.value} value={option.value} className="border-t border-line first:border-t-0">
            <RadioButton className="group flex gap-2.5 px-3 py-2.5 hover:bg-hover data-focus-visible:outline-2 data-focus-visible:-outline-offset-2 data-focus-visible:outline-ink data-selected:bg-selected">
              <span className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-line-strong bg-canvas group-data-selected:border-ink">
                <span className="size-2 rounded-full bg-ink opacity-0 group-data-selected:opacity-100" />
              </span>
              <span className="flex min-w-0 flex-col">
                <span className="font-medium">{option.name}</span>
                <span className="text-sm text-ink-2 text-pretty">{option.about}</span>
              </span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}
