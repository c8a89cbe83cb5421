import { TapeError } from "@tape/core";
import { deleteValue, getValue, setValue } from "@tape/store";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { VersionConflict } from "../error/index.ts";
import { checked } from "../given.ts";
import type { Caller } from "./caller.ts";
import { ask } from "./step.ts";

export interface WrittenValue {
  version: number;
}

/** A value that is live. */
export interface LiveValue<T> {
  value: T;
  version: number;
}

export interface SetValueOptions {
  /** Writes only over this version. */
  ifVersion?: number;
  /** Writes only if there is no live value: never written, or deleted. */
  ifNotLive?: boolean;
}

const writeOptions = z.object({ ifVersion: z.number().optional(), ifNotLive: z.boolean().optional() });
const names = z.object({ namespace: z.string(), key: z.string() });

/** The rest is the store's to say: a key is part of its step's. */
function named(namespace: string, key: string): void {
  checked("a value", names, { namespace, key });
}

export function setValueOperation(app: string, { store }: Connection) {
  return (namespace: string, key: string, value: unknown, options: SetValueOptions = {}): Promise<WrittenValue> => {
    named(namespace, key);
    const { ifVersion, ifNotLive } = checked("setValue", writeOptions, options);
    return ask(app, {
      kind: "value",
      name: key,
      given: { operation: "setValue", namespace, value, ifVersion, ifNotLive },
      act: async (caller) => versionOf(setValue(await store(), { namespace, key, value, ifVersion, ifNotLive, ...writtenBy(caller) })),
      record: ({ version }, step) => ({ kind: "value", verb: "written", payload: { ...step, namespace, valueKey: key, version } }),
    });
  };
}

export function deleteValueOperation(app: string, { store }: Connection) {
  return (namespace: string, key: string, options: { ifVersion?: number } = {}): Promise<WrittenValue> => {
    named(namespace, key);
    const { ifVersion } = checked("deleteValue", writeOptions, options);
    return ask(app, {
      kind: "value",
      name: key,
      given: { operation: "deleteValue", namespace, ifVersion },
      act: async (caller) => versionOf(deleteValue(await store(), { namespace, key, ifVersion, ...writtenBy(caller) })),
      record: ({ version }, step) => ({ kind: "value", verb: "deleted", payload: { ...step, namespace, valueKey: key, version } }),
    });
  };
}

export function getValueOperation(app: string, { store }: Connection) {
  return <T = unknown>(namespace: string, key: string): Promise<LiveValue<T> | null> => {
    named(namespace, key);
    return ask<{ version: number | null; value: unknown }, LiveValue<T> | null>(app, {
      kind: "value",
      name: key,
      given: { operation: "getValue", namespace },
      act: async () => {
        const found = await getValue(await store(), { namespace, key });
        return found && !found.deleted ? { version: found.version, value: found.value } : { version: null, value: null };
      },
      record: ({ version, value }, step) => ({ kind: "value", verb: "read", payload: { ...step, namespace, valueKey: key, version, value } }),
      answer: ({ version, value }) => (version === null ? null : { value: value as T, version }),
    });
  };
}

/** A step's write is found again by its key; a driver's is refused once the run is not its own any more. */
function writtenBy({ by, fence, step }: Caller) {
  return { writer: by, ...(fence && { fence }), ...(step && { step: step.key }) };
}

async function versionOf(writing: Promise<{ version: number }>): Promise<WrittenValue> {
  try {
    return { version: (await writing).version };
  } catch (error) {
    throw TapeError.is(error, "version_conflict") ? new VersionConflict(error) : error;
  }
}
