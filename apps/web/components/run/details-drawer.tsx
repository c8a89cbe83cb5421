import { formatMicroUsd, grouped, sayActor, type Run } from "@tape/core";
import { Json } from "../kit/json.tsx";
import { Exact } from "../kit/time.tsx";
import { Labels } from "../runs/labels.tsx";
import { Drawer } from "./drawer.tsx";
import { CodeFact, Fact, Facts, Section } from "./facts.tsx";
import { ErrorSection } from "./item-drawer.tsx";

/** What machines and the one who debugs ask for: ids, lease, epoch, budget, input and output. */
export function DetailsDrawer({ run, onClose }: { run: Run; onClose: () => void }) {
  const { budget } = run;
  return (
    <Drawer label="Details" onClose={onClose} showing="details">
      <div className="flex flex-col gap-6">
        <Facts>
          <CodeFact name="Run" value={run.id} />
          <CodeFact name="Invocation" value={run.invocationId} />
          <Fact name="Agent">
            {run.app} / {run.agent}
          </Fact>
          {run.version !== null && <CodeFact name="Version" value={run.version} />}
          <Fact name="Started by">{sayActor(run.startedBy)}</Fact>
          <Fact name="Created">
            <Exact at={run.createdAt} />
          </Fact>
          {run.startedAt !== null && (
            <Fact name="First driven">
              <Exact at={run.startedAt} />
            </Fact>
          )}
          {run.cancelledAt !== null && (
            <Fact name="Cancelled">
              <Exact at={run.cancelledAt} />
              {run.cancelledBy !== null && ` by ${sayActor(run.cancelledBy)}`}
            </Fact>
          )}
          {run.cancelNoticedAt !== null && (
            <Fact name="Noticed">
              <Exact at={run.cancelNoticedAt} />
            </Fact>
          )}
          {run.endedAt !== null && (
            <Fact name="Ended">
              <Exact at={run.endedAt} />
            </Fact>
          )}
          {run.settledAt !== null && (
            <Fact name="Settled">
              <Exact at={run.settledAt} />
            </Fact>
          )}
          <Fact name="Entries">
            <span className="figures">{grouped(String(run.seq))}</span>
          </Fact>
          {run.unsettled > 0 && (
            <Fact name="Unsettled">
              <span className="figures">{grouped(String(run.unsettled))}</span> effects
            </Fact>
          )}
          {Object.keys(run.labels).length > 0 && (
            <Fact name="Labels">
              <Labels labels={run.labels} wrap />
            </Fact>
          )}
        </Facts>
        <Section title="Lease">
          {run.lease === null ? (
            <p className="text-ink-2">No worker holds it.</p>
          ) : (
            <Facts>
              <CodeFact name="Owner" value={run.lease.owner} />
              <Fact name="Epoch">
                <span className="figures">{run.lease.epoch}</span>
              </Fact>
              <Fact name="Expires">
                <Exact at={run.lease.expiresAt} />
              </Fact>
            </Facts>
          )}
        </Section>
        <Section title="Cost">
          <Facts>
            <Fact name="Spent">
              <span className="figures">
                {formatMicroUsd(budget.spentMicroUsd)}, {grouped(String(budget.spentTokens))} tokens
              </span>
            </Fact>
            {(budget.reservedMicroUsd > 0 || budget.reservedTokens > 0) && (
              <Fact name="Set aside">
                <span className="figures">
                  {formatMicroUsd(budget.reservedMicroUsd)}, {grouped(String(budget.reservedTokens))} tokens
                </span>
              </Fact>
            )}
            {(budget.capMicroUsd !== null || budget.capTokens !== null) && (
              <Fact name="Cap">
                <span className="figures">
                  {[budget.capMicroUsd !== null && formatMicroUsd(budget.capMicroUsd), budget.capTokens !== null && `${grouped(String(budget.capTokens))} tokens`].filter(Boolean).join(", ")}
                </span>
              </Fact>
            )}
          </Facts>
        </Section>
        {run.error !== null && <ErrorSection error={run.error} />}
        <Section title="Input">
          <Json value={run.input} label="the input" />
        </Section>
        {run.output !== null && (
          <Section title="Output">
            <Json value={run.output} label="the output" />
          </Section>
        )}
      </div>
    </Drawer>
  );
}
