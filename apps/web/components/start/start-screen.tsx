"use client";

import type { AgentInfo, Page } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, PlugZap } from "lucide-react";
import Link from "next/link";
import { cx } from "../kit/cx.ts";
import { Empty } from "../kit/notice.tsx";
import { PageTitle } from "../shell/inbox-feed.tsx";
import { StartForm } from "./start-form.tsx";

/** Workers come and go: agents are asked for this often (ms). */
const EVERY_MS = 5000;

/** Which agent, and with what. */
export function StartScreen({ first, chosen }: { first: Page<AgentInfo>; chosen: string | null }) {
  const { client } = useTape();
  const { data } = useQuery({ queryKey: ["agents"], queryFn: ({ signal }) => client.agents(signal), initialData: first, refetchInterval: EVERY_MS });
  const agents = [...data.items].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const shown = agents.find((agent) => agent.agent === chosen) ?? (chosen === null ? agents[0] : undefined);
  return (
    <div className="grid h-full min-h-0 grid-cols-1 sm:grid-cols-[17rem_minmax(0,1fr)] lg:grid-cols-[20rem_minmax(0,1fr)]">
      <PageTitle>Start</PageTitle>
      <h1 className="sr-only">Start a run</h1>
      <section aria-label="Agents" className={cx("min-h-0 overflow-y-auto sm:border-r", chosen !== null && "max-sm:hidden")}>
        <p className="flex h-10 items-center border-b px-4 text-sm font-medium text-ink-2">Agents</p>
        {agents.length === 0 ? (
          <Empty title="No agent yet" icon={<PlugZap size={22} aria-hidden />}>
            <p>
              Agents appear here when a worker has loaded them. Start one with <code className="font-mono text-sm">npm run -s tape -- worker</code>.
            </p>
          </Empty>
        ) : (
          <ul>
            {agents.map((agent) => (
              <li key={`${agent.app}/${agent.agent}`} className="border-b">
                <Link
                  href={`/start?agent=${encodeURIComponent(agent.agent)}`}
                  aria-current={agent === shown ? "true" : undefined}
                  className={cx("flex flex-col px-4 py-2.5 focus-visible:-outline-offset-2", agent === shown ? "sm:bg-selected" : "hover:bg-hover")}
                >
                  <span className="truncate font-medium">{nameOf(agent)}</span>
                  <span className="flex gap-2 text-sm text-ink-3">
                    <span className="min-w-0 truncate">{agent.title === null ? agent.app : agent.agent}</span>
                    <span className="figures ml-auto shrink-0">{agent.workers === 0 ? "no worker" : agent.workers === 1 ? "1 worker" : `${agent.workers} workers`}</span>
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label="Input" className={cx("min-h-0 overflow-y-auto", chosen === null && "max-sm:hidden")}>
        <Link href="/start" className="flex h-10 items-center gap-1 border-b px-3 text-ink-2 sm:hidden">
          <ChevronLeft size={16} aria-hidden /> Agents
        </Link>
        {shown !== undefined ? (
          <div className="mx-auto flex max-w-xl flex-col gap-5 px-4 py-5 sm:px-8 sm:py-7">
            <header className="flex flex-col gap-0.5">
              <h2 className="text-xl font-semibold tracking-[-0.015em] break-words">{nameOf(shown)}</h2>
              <p className="break-words text-ink-3">
                {shown.app} / {shown.agent}
                {shown.versions.length > 0 && ` · ${shown.versions.slice(0, 3).join(", ")}`}
              </p>
            </header>
            <StartForm key={`${shown.app}/${shown.agent}`} agent={shown} />
          </div>
        ) : (
          agents.length > 0 && (
            <Empty title="No worker has this agent now">
              <p>Choose another one, or start a worker that loads {chosen}.</p>
            </Empty>
          )
        )}
      </section>
    </div>
  );
}

function nameOf(agent: AgentInfo): string {
  return agent.title ?? agent.agent;
}
