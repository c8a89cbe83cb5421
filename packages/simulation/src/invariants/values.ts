import { keyOf } from "../model/index.ts";
import type { Invariant } from "./invariant.ts";

/** Versions of a value rise by one, none is ever rewritten, and one is written over only if it is the one that was read. */
export const values: Invariant = {
  name: "versions rise by one",
  watch: ({ model }, violated) => {
    const known = new Map<string, string[]>();
    let expected: { name: string; version: number; stood: number } | null = null;
    return {
      saying: (_, verb, given) => {
        expected = null;
        if (verb !== "setValue" && verb !== "deleteValue") return;
        const { namespace, key, ifVersion } = given[0] as { namespace: string; key: string; ifVersion?: number };
        const name = keyOf(namespace, key);
        if (ifVersion !== undefined) expected = { name, version: ifVersion, stood: model.values.get(name)?.length ?? 0 };
      },
      said: ({ answer }) => {
        if (expected && answer.ok && expected.version !== expected.stood && (model.values.get(expected.name)?.length ?? 0) > expected.stood) {
          violated(`value ${expected.name} was to be written over version ${expected.version}, and was over ${expected.stood}`);
        }
        for (const [name, versions] of model.values) {
          const texts = known.get(name) ?? [];
          known.set(name, texts);
          if (versions.length < texts.length) violated(`value ${name} has lost a version`);
          for (let place = texts.length; place < versions.length; place++) {
            const { version, value, deleted } = versions[place]!;
            if (version !== place + 1) violated(`value ${name} has version ${version} in place ${place + 1}`);
            texts.push(JSON.stringify([value, deleted]));
          }
          const last = texts.length - 1;
          const before = versions[last];
          if (before && texts[last] !== JSON.stringify([before.value, before.deleted])) violated(`version ${before.version} of value ${name} was rewritten`);
        }
      },
    };
  },
};
