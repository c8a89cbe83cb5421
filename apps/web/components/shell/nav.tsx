"use client";

import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cx } from "../kit/cx.ts";
import { Going } from "../kit/going.tsx";
import { useInbox } from "./inbox-feed.tsx";

const SCREENS = [
  { href: "/runs", name: "Runs" },
  { href: "/inbox", name: "Inbox" },
  { href: "/desk", name: "Desk" },
  { href: "/values", name: "Values" },
  { href: "/start", name: "Start" },
] as const;

/** The screens, and how much waits on two of them. */
export function Nav({ className }: { className?: string }) {
  const path = usePathname();
  const { openCount } = useInbox();
  const deskCount = useDeskCount();
  const counts: Record<string, { n: number; tone: string; what: string }> = {
    "/inbox": { n: openCount, tone: "text-person", what: "waiting for a person" },
    "/desk": { n: deskCount, tone: "text-operator", what: "waiting for an operator" },
  };
  return (
    <nav aria-label="Screens" className={className}>
      <ul className="flex h-full items-stretch gap-1">
        {SCREENS.map(({ href, name }) => {
          const here = path === href || path.startsWith(`${href}/`);
          const count = counts[href];
          return (
            <li key={href} className="flex max-sm:flex-1">
              <Link
                href={href}
                aria-current={here ? "page" : undefined}
                className={cx(
                  "relative flex items-center justify-center gap-1.5 rounded-md px-2.5 transition-colors duration-100 max-sm:flex-1 max-sm:px-1",
                  here
                    ? "font-medium text-ink after:absolute after:inset-x-2.5 after:-bottom-px after:h-0.5 after:rounded-full after:bg-ink"
                    : "text-ink-2 hover:text-ink",
                )}
              >
                {name}
                {count !== undefined && count.n > 0 && (
                  <span className={cx("figures min-w-4 text-sm font-medium", count.tone)}>
                    {count.n > 999 ? "999+" : count.n}
                    <span className="sr-only"> {count.what}</span>
                  </span>
                )}
                <Going className="absolute -bottom-[3px] left-1/2" />
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function useDeskCount(): number {
  const { client } = useTape();
  const { data } = useQuery({ queryKey: ["system"], queryFn: ({ signal }) => client.system(signal), refetchInterval: 10_000 });
  return data === undefined ? 0 : data.unknownEffects + data.unsentEffects + data.stuckRuns;
}
