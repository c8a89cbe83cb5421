import { TapeError } from "@tape/core";
import type { StepSpec } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";
import { askStep, refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { storable } from "./storable.ts";

/** The instant of the first drive, in ms since 1970; the same on every later one. */
export function now(run: Run): Promise<number> {
  return askStep(run, sampleStep("now", () => Date.now()));
}

/** A random UUID; the same on every drive. */
export function uuid(run: Run): Promise<string> {
  return askStep(run, sampleStep("uuid", () => globalThis.crypto.randomUUID()));
}

/** A number from 0 (included) to 1 (excluded); the same on every drive. */
export function random(run: Run): Promise<number> {
  return askStep(run, sampleStep("random", () => Math.random()));
}

/**
 * Anything read from outside that the code branches on: the first drive's answer is journaled and handed back on every
 * later one. For reading only; what changes the world is an effect.
 *
 * @throws {StepFailed} what `read` threw, on every drive
 */
export function sample<T>(run: Run, read: () => Promise<T> | T): Promise<T> {
  if (typeof read !== "function") return refused(new TapeError("invalid_input", "sample: what reads is a function"));
  return askStep(run, sampleStep("sample", read));
}

function sampleStep(name: string, read: () => unknown): StepSpec {
  return {
    kind: "sample",
    name,
    fingerprint: "",
    begin: (live) => {
      live.perform(async () => {
        const sampled = { key: live.key, name, fingerprint: "" };
        try {
          const kept = storable(await live.body(name, read));
          if (!kept.ok) throw new TypeError(`the sample cannot be stored: ${kept.message}`);
          live.give({ ok: true, value: kept.value }, [{ happening: { kind: "run", verb: "sampled", payload: { ...sampled, value: kept.value } } }]);
        } catch (thrown) {
          // Aborted with its drive: the next driver reads again.
          if (live.signal.aborted) return;
          const error = toRecorded(thrown);
          live.give({ ok: false, error }, [{ happening: { kind: "run", verb: "sampled", payload: { ...sampled, value: null, error } } }]);
        }
      });
    },
  };
}
