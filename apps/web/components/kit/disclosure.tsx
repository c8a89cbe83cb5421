"use client";

import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button, Disclosure as AriaDisclosure, DisclosurePanel, Heading } from "react-aria-components";

/** A section that opens. */
export function Disclosure({ title, children, open = false }: { title: ReactNode; children: ReactNode; open?: boolean }) {
  return (
    <AriaDisclosure defaultExpanded={open} className="group/disclosure">
      <Heading level={3}>
        <Button slot="trigger" className="flex h-8 max-w-full items-center gap-1.5 rounded-md pr-2 text-sm font-medium text-ink-2 hover:text-ink pointer-coarse:h-11">
          <ChevronRight size={14} aria-hidden className="shrink-0 transition-transform duration-100 group-data-expanded/disclosure:rotate-90" />
          <span className="min-w-0 flex-1 text-left">{title}</span>
        </Button>
      </Heading>
      <DisclosurePanel>
        <div className="pt-1">{children}</div>
      </DisclosurePanel>
    </AriaDisclosure>
  );
}
