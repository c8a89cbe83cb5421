import type { Hint } from "@tape/core";
import * as model from "../model/index.ts";
import { here, leave } from "./here.ts";
import type { Process } from "./process.ts";

/** Every verb of the model, by the name that the store's has. */
export type Verbs = { [Name in keyof typeof model as (typeof model)[Name] extends (of: model.Model, ...given: never[]) => unknown ? Name : never]: (typeof model)[Name] };
export type VerbName = keyof Verbs;

export const VERBS: Verbs = model;

/** A verb that was said to the database, and its answer. */
export interface Said {
  /** Who said it; null: a person, or the world itself. */
  by: Process | null;
  verb: VerbName;
  given: readonly unknown[];
  answer: { ok: true; value: unknown } | { ok: false; error: unknown };
}

export interface Answered<T> {
  value: T;
  /** What is to be published once the caller knows of it. */
  hints: Hint[];
}

/** The one database of a world: the reference model, and whoever watches it. */
export class Database {
  readonly model: model.Model;
  /** A place for the model's own code: its clock is the database's. */
  private own: Process | undefined;

  constructor(
    startMs: number,
    private readonly verbs: Verbs,
    private readonly hooks: {
      nowMs(): number;
      process(): Process;
      /** Before it is done, and after. */
      saying(by: Process | null, verb: VerbName, given: readonly unknown[]): void;
      said(said: Said): void;
      /** Whoever watches threw: that is nobody's answer. */
      failed(error: unknown): void;
    },
  ) {
    this.model = model.createModel(startMs);
  }

  /** @throws what the verb refuses */
  say<Name extends VerbName>(by: Process | null, verb: Name, ...given: Given<Name>): Answered<Answer<Name>> {
    this.model.now = this.hooks.nowMs();
    this.tell(() => this.hooks.saying(by, verb, given));
    here((this.own ??= this.hooks.process()));
    let answer: Said["answer"];
    try {
      const act = this.verbs[verb] as unknown as (model: model.Model, ...given: unknown[]) => unknown;
      answer = { ok: true, value: act(this.model, ...given) };
    } catch (error) {
      answer = { ok: false, error };
    } finally {
      leave();
    }
    const hints = this.model.hints.splice(0);
    const said = { by, verb, given, answer };
    this.tell(() => this.hooks.said(said));
    if (!answer.ok) throw answer.error;
    return { value: answer.value as Answer<Name>, hints };
  }

  private tell(telling: () => void): void {
    try {
      telling();
    } catch (error) {
      this.hooks.failed(error);
    }
  }
}

export type Given<Name extends VerbName> = Verbs[Name] extends (of: model.Model, ...given: infer Rest) => unknown ? Rest : never;
export type Answer<Name extends VerbName> = Verbs[Name] extends (of: model.Model, ...given: never[]) => infer Value ? Value : never;
