import type { Invariant } from "./invariant.ts";

/** Versions of a value rise by one, and none is ever rewritten. */
export const values: Invariant = {
  name: "versions rise by one",
  watch: ({ model }, violated) => {
    const known = new Map<string, string[]>();
    return {
      said: () => {
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
