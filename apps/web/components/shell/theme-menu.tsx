"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { RadioButton, RadioField, RadioGroup } from "react-aria-components";

const THEMES = [
  { id: "system", name: "System", icon: Monitor },
  { id: "light", name: "Light", icon: Sun },
  { id: "dark", name: "Dark", icon: Moon },
] as const;

/** The theme is one attribute on <html>, kept in a cookie so that the server draws the first frame in it. */
export function ThemeChoice() {
  const [theme, setTheme] = useState("system");
  useEffect(() => setTheme(document.documentElement.dataset["theme"] ?? "system"), []);
  function choose(next: string): void {
    setTheme(next);
    if (next === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = next;
    document.cookie = `tape-theme=${next}; path=/; max-age=31536000; samesite=lax`;
  }
  return (
    <RadioGroup aria-label="Theme" value={theme} onChange={choose} orientation="horizontal" className="flex rounded-md bg-sunken p-0.5">
      {THEMES.map(({ id, name, icon: Drawn }) => (
        <RadioField key={id} value={id} className="flex flex-1">
          <RadioButton
            className="flex flex-1 items-center justify-center gap-1.5 rounded-sm px-2 py-1 text-sm text-ink-3 hover:text-ink data-selected:bg-raised data-selected:text-ink data-selected:shadow-pop data-focus-visible:outline-2 data-focus-visible:outline-ink"
          >
            <Drawn size={13} aria-hidden /> {name}
          </RadioButton>
        </RadioField>
      ))}
    </RadioGroup>
  );
}
