"use client";

import type { ReactNode } from "react";

export interface ViewLinkProps {
  href: string;
  children: ReactNode;
  className?: string;
  isHere?: boolean;
}

/** Another view of the same run: the address changes, and nothing is asked for anew. */
export function ViewLink({ href, children, className, isHere = false }: ViewLinkProps) {
  return (
    <a
      href={href}
      aria-current={isHere ? "page" : undefined}
      className={className}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        window.history.pushState(null, "", href);
      }}
    >
      {children}
    </a>
  );
}
