import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { assertValueName } from "./name.ts";
import { toValue, versionsOf } from "./row.ts";

export const getValue: VerbOf<typeof store.getValue> = (model, name) => {
  assertValueName(name.namespace, name.key);
  const latest = versionsOf(model, name).at(-1);
  return latest ? toValue(latest) : null;
};
