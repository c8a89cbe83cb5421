import type { ReactNode } from "react";
import { cx } from "../kit/cx.ts";
import { hrefOf, type ValuesAddress } from "./address.ts";

export interface PlaceLinkProps {
  address: ValuesAddress;
  isHere: boolean;
  children: ReactNode;
  /** What J and K move to. */
  name: string;
  onGo: () => void;
}

/** A row that leads to a namespace or to a key. */
export function PlaceLink({ address, isHere, children, name, onGo }: PlaceLinkProps) {
  return (
    <a
      href={hrefOf(address)}
      aria-current={isHere ? "true" : undefined}
      data-place={name}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onGo();
      }}
      className={cx("block border-b px-4 py-2 focus-visible:-outline-offset-2", isHere ? "sm:bg-selected" : "hover:bg-hover")}
    >
      {children}
    </a>
  );
}
