import { TapeError } from "@tape/core";
import { currentBody } from "../context.ts";
import { z } from "zod";
import { aFunction, checked, contextWith } from "../given.ts";
import type { BodyContext } from "../define/effect.ts";
import type { Run } from "../run.ts";

/** The idempotency key of the tool call that `ctx` belongs to: pass it to the counterparty. */
export function idempotencyKey(ctx: Pick<BodyContext, "key">): string {
  contextWith("idempotencyKey", ctx, "key");
  return ctx.key;
}

/** The run that a tool body or agent code belongs to. */
export function runIdOf(ctx: Pick<BodyContext, "runId"> | Run): string {
  contextWith("runIdOf", ctx, "runId", "id");
  return "runId" in ctx ? ctx.runId : ctx.id;
}

/**
 * In a tool body, with its `ctx`: says that the body is alive, which renews the run's lease, at most once in a tenth of
 * its TTL, so call it as often as you like. In agent code, with the run, it does nothing: there the lease is renewed by
 * its worker.
 *
 * @throws {LeaseLost} once another worker drives the run; `ctx.signal` is aborted then
 * @throws {TapeError} `invalid_input` when a body gives the run and not its own `ctx`
 */
export async function heartbeat(ctx: Pick<BodyContext, "heartbeat"> | Run): Promise<void> {
  contextWith("heartbeat", ctx, "heartbeat", "id");
  if ("heartbeat" in ctx) return checked("heartbeat", z.object({ heartbeat: aFunction }), ctx).heartbeat();
  needsContext("heartbeat");
}

/**
 * In a tool body, with its `ctx`: has the run been cancelled? Then `throw new RunCancelled()` if nothing was done yet. In
 * agent code, with the run, the answer is always false and no step: there a cancellation is a `RunCancelled` thrown by
 * whatever the code awaits, and nothing that it asks after that is done.
 *
 * @throws {TapeError} `invalid_input` when a body gives the run and not its own `ctx`
 */
export async function isCancelled(ctx: Pick<BodyContext, "isCancelled"> | Run): Promise<boolean> {
  contextWith("isCancelled", ctx, "isCancelled", "id");
  if ("isCancelled" in ctx) return checked("isCancelled", z.object({ isCancelled: aFunction }), ctx).isCancelled();
  needsContext("isCancelled");
  return false;
}

/** A body that asked by the run would be told what holds for agent code. */
function needsContext(call: string): void {
  const body = currentBody();
  if (body) throw new TapeError("invalid_input", `${call} in the body of ${body}: pass the ctx that the body was given, not the run`);
}
