import { AsyncLocalStorage } from "node:async_hooks";
import type { IdKind } from "@tape/core";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_PLACES = 10;
const REST_PLACES = 16;

interface Minting {
  /** The number of the command that is under way. */
  command: number;
  /** How many ids of each kind it has made. */
  made: Map<IdKind, number>;
}

const minting = new AsyncLocalStorage<Minting>();

/** Runs a command on one side: the ids that {@link mintId} makes in it are the same on the other side. */
export function mintingFor<T>(command: number, work: () => T): T {
  return minting.run({ command, made: new Map() }, work);
}

/** What takes the place of `newId` in a test that holds the two sides together. Later commands make later ids. */
export function mintId<K extends IdKind>(kind: K): `${K}_${string}` {
  const now = minting.getStore();
  if (!now) throw new Error(`an id of kind ${kind} was made outside of any command`);
  const place = (now.made.get(kind) ?? 0) + 1;
  now.made.set(kind, place);
  return idOf(kind, now.command, place);
}

/** The id that command number `command` makes as its `place`th of this kind. */
export function idOf<K extends IdKind>(kind: K, command: number, place: number): `${K}_${string}` {
  return `${kind}_${digits(command, TIME_PLACES)}${digits(place, REST_PLACES)}`;
}

function digits(value: number, places: number): string {
  let text = "";
  for (let rest = value; text.length < places; rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
  return text;
}
