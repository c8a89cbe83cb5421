import type { DispatchOutcome, Observation } from "@tape/store";
import { callOf } from "../verbs.ts";
import { AGENTS, anEffect, APP, claimOf, CONNECTOR, isDue, isIdle, WORKERS, type Context, type Make } from "./context.ts";
import { keyToReserve } from "./steps.ts";

const TOOLS = ["wire", "pay", "note", "look"].map((tool) => ({ app: APP, tool }));
const ERROR = { name: "BankClosed", message: "closed until Monday" };

const reserve: Make = (context) => {
  const found = keyToReserve(context);
  return found && callOf("reserveBusinessKey", found);
};

const claim: Make = (context) => {
  const { picks, model } = context;
  if (isIdle(context, model.effects, ({ status, dueAt, inFlightAt }) => status === "PENDING" && inFlightAt === null && isDue(context, dueAt))) return null;
  return callOf("claimOutbox", { owner: picks.of(WORKERS), connectors: [{ app: picks.isLucky(5) ? "other" : APP, connector: CONNECTOR, places: picks.of([10, 1, 0]) }] });
};

const mark: Make = (context) => {
  const effect = anEffect(context, (one) => one.dispatch === "OUTBOX" && one.status === "PENDING" && one.claim !== null);
  return effect ? callOf("markInFlight", { effectId: effect.id, claim: claimOf(context, effect.claim), ...(context.picks.isLucky(20) && { forMs: 5_000 }) }) : null;
};

function dispatchOutcome({ picks }: Context): DispatchOutcome {
  return picks.of<DispatchOutcome>([
    { status: "confirmed", result: { ref: picks.below(2) } },
    { status: "unknown", reason: "the line went dead", checkable: !picks.isLucky(30), ...(picks.isLucky(50) && { error: ERROR }) },
    { status: "failed", error: ERROR },
    { status: "retry", error: ERROR, ...(picks.isLucky(40) && { afterMs: 7_000 }) },
    { status: "confirmed", result: null, externalRef: "bank-1", summary: "paid" },
  ]);
}

const dispatched: Make = (context) => {
  const effect = anEffect(context, (one) => one.dispatch === "OUTBOX" && one.inFlightAt !== null);
  return effect && effect.dispatch === "OUTBOX" ? callOf("recordDispatch", { effectId: effect.id, claim: claimOf(context, effect.claim), result: dispatchOutcome(context) }) : null;
};

const recover: Make = (context) =>
  isIdle(context, context.model.effects, ({ status, dispatch, claim: own }) => status === "PENDING" && dispatch === "OUTBOX" && own !== null) ? null : callOf("recoverOutbox", { limit: 100, sessionLocks: context.picks.isLucky(50) });

const nextSend: Make = () => callOf("nextOutboxAt", { connectors: [{ app: APP, connector: CONNECTOR }] });

const looksAfter = ({ picks }: Context) => ({ tools: picks.isLucky(30) ? TOOLS.slice(0, 1) : TOOLS, agents: picks.isLucky(30) ? [] : AGENTS.map(({ app, agent }) => ({ app, agent })) });

const check: Make = (context) =>
  isIdle(context, context.model.effects, ({ nextCheckAt }) => isDue(context, nextCheckAt)) ? null : callOf("claimEffectsToCheck", { ...looksAfter(context), owner: context.picks.of(WORKERS), limit: context.picks.of([100, 1]) });

const nextCheck: Make = (context) => callOf("nextCheckAt", looksAfter(context));

function observation({ picks }: Context): Observation {
  return picks.of<Observation>([
    { status: "confirmed", result: { ref: picks.below(2) } },
    { status: "failed", error: picks.isLucky(50) ? ERROR : "refused" },
    { status: "absent" },
    { status: "duplicate", result: { ref: 1 }, refs: picks.of([["bank-1", "bank-2"], ["bank-2", "bank-3", "bank-3"], ["bank-1"], []]) },
    { status: "inconclusive", ...(picks.isLucky(50) && { message: "busy" }) },
    { status: "confirmed", result: null, externalRef: "bank-1" },
  ]);
}

const observe: Make = (context) => {
  const effect = anEffect(context, ({ status, claim: own }) => status === "UNKNOWN" && own !== null);
  return effect ? callOf("recordObservation", { effectId: effect.id, claim: claimOf(context, effect.claim), observation: observation(context) }) : null;
};

const resend: Make = (context) => {
  const effect = anEffect(context, ({ status, claim: own }) => status === "UNKNOWN" && own !== null);
  return effect ? callOf("resendEffect", { effectId: effect.id, claim: claimOf(context, effect.claim) }) : null;
};

const look: Make = (context) => {
  const effect = anEffect(context, () => true);
  return effect ? callOf("getEffect", { id: effect.id }) : null;
};

export const reactorCommands = { reserve, claim, mark, dispatched, recover, nextSend, check, nextCheck, observe, resend, look };
