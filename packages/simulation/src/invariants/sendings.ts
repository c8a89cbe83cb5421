import { fieldOf, is, type Invariant } from "./invariant.ts";

/** What may not be sent twice is marked before it is sent, and sent again only when it was not sent, or a person says so. */
export const sendings: Invariant = {
  name: "sent at most once",
  watch: ({ model, town }, violated) => {
    const allowed = new Map<string, number>();
    const sent = new Map<string, number>();
    return {
      said: ({ verb, given, answer }) => {
        if (verb !== "recordDispatch" || !answer.ok) return;
        const { effectId, result } = given[0] as { effectId: string; result: { status: string } };
        const effect = [...model.effects.values()].find(({ id }) => id === effectId);
        if (effect && result.status === "retry") allowed.set(effect.key, (allowed.get(effect.key) ?? 1) + 1);
      },
      grew: (_run, fresh) => {
        for (const entry of fresh) if (is(entry, "effect", "retried")) allowed.set(fieldOf(entry, "key"), (allowed.get(fieldOf(entry, "key")) ?? 1) + 1);
      },
      arrived: (what, key) => {
        if (what !== "act") return;
        const effect = [...model.effects.values()].find((each) => each.key === key);
        if (effect?.semantics !== "NON_IDEMPOTENT") return;
        sent.set(key, (sent.get(key) ?? 0) + 1);
        const may = allowed.get(key) ?? 1;
        const tries = town.bank.sendings.get(key) ?? 0;
        if (tries > may) violated(`${key} is NON_IDEMPOTENT and was sent ${tries} times, ${may} were right`);
      },
    };
  },
};
