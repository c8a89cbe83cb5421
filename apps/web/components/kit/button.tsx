"use client";

import type { ReactNode, Ref } from "react";
import { Button as AriaButton, Tooltip, TooltipTrigger } from "react-aria-components";
import { cx } from "./cx.ts";

export type ButtonLook = "primary" | "outline" | "ghost";

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-ink text-canvas font-medium data-pressed:opacity-80 hover:opacity-90",
  outline: "border border-line-strong bg-canvas text-ink hover:bg-hover",
  ghost: "text-ink-2 hover:bg-hover hover:text-ink",
};

export interface ButtonProps {
  children: ReactNode;
  onPress?: () => void;
  look?: ButtonLook;
  size?: "small" | "normal" | "large";
  /** Why it cannot be pressed now. It stays in the tab order and says so. */
  blocked?: string | null;
  pending?: boolean;
  type?: "button" | "submit";
  icon?: ReactNode;
  className?: string;
  label?: string;
  /** The reason stands elsewhere on the screen; only point to it. */
  describedBy?: string;
  slot?: "close";
  autoFocus?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ children, onPress, look = "outline", size = "normal", blocked, pending, type = "button", icon, className, label, describedBy, slot, autoFocus, ref }: ButtonProps) {
  const button = (
    <AriaButton
      ref={ref}
      type={blocked ? "button" : type}
      onPress={blocked ? undefined : onPress}
      isPending={pending}
      aria-disabled={blocked ? true : undefined}
      aria-label={label}
      aria-describedby={describedBy}
      autoFocus={autoFocus}
      {...(slot && !blocked && { slot })}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md whitespace-nowrap transition-[background-color,opacity] duration-100 select-none",
        size === "small" ? "h-7 px-2 text-sm pointer-coarse:h-9" : size === "large" ? "h-9 px-4 pointer-coarse:h-11" : "h-8 px-3 pointer-coarse:h-10",
        blocked || pending ? cx(look === "ghost" ? "" : "border border-line bg-sunken", "text-ink-3") : LOOKS[look],
        className,
      )}
    >
      {icon}
      {children}
    </AriaButton>
  );
  return blocked && !describedBy ? <Tip text={blocked}>{button}</Tip> : button;
}

/** A word of explanation on hover and on focus. The trigger is a button or a link of the kit. */
export function Tip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <TooltipTrigger delay={350} closeDelay={60}>
      {children}
      <Tooltip offset={6} className="rises max-w-72 rounded-md bg-ink px-2 py-1 text-sm text-canvas shadow-pop">
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** A square button that shows only an icon; its label is read and shown on hover. */
export function IconButton({ label, children, onPress, className, pressed }: { label: string; children: ReactNode; onPress?: () => void; className?: string; pressed?: boolean }) {
  return (
    <Tip text={label}>
      <AriaButton
        aria-label={label}
        aria-pressed={pressed}
        onPress={onPress}
        className={cx(
          "inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 transition-colors duration-100 hover:bg-hover hover:text-ink pointer-coarse:size-10",
          pressed && "bg-selected text-ink",
          className,
        )}
      >
        {children}
      </AriaButton>
    </Tip>
  );
}
