"use client";

import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text } from "react-aria-components";

export interface MenuAction {
  id: string;
  name: string;
  icon: ReactNode;
  /** Why it cannot be chosen now; it stays and says so. */
  blocked?: string | null;
  act: () => void;
}

/** Things one seldom does, behind one button. `trigger` is a button of the kit. */
export function Menu({ label, trigger, actions }: { label: string; trigger: ReactNode; actions: readonly MenuAction[] }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement="bottom end" offset={4} className="rises rounded-lg bg-raised shadow-pop">
        <AriaMenu aria-label={label} className="max-w-72 min-w-52 p-1 outline-none">
          {actions.map(({ id, name, icon, blocked, act }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={name}
              onAction={() => !blocked && act()}
              aria-disabled={blocked ? true : undefined}
              className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2 rounded-md px-2 py-1.5 outline-none data-focused:bg-hover pointer-coarse:py-3"
            >
              <span className="text-ink-3">{icon}</span>
              <Text slot="label" className={blocked ? "text-ink-3" : "text-ink"}>
                {name}
              </Text>
              {blocked && (
                <Text slot="description" className="col-start-2 text-sm text-ink-3">
                  {blocked}
                </Text>
              )}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
