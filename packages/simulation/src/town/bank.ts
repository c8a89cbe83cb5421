import type { Process } from "../world/index.ts";

/** Money that moved. */
export interface Payment {
  ref: string;
  /** The idempotency key it came with. */
  key: string;
  amount: number;
  at: number;
  /** Under which key it was taken back. */
  reversedBy: string | null;
  /** The bank's own mistake, or a second sending: one more than was asked for. */
  isCopy: boolean;
}

/** What the counterparty does wrong, each so many times. */
export interface BankFaults {
  /** Refuses for good. */
  refuse: number;
  /** Is too busy: nothing happened. */
  busy: number;
  /** Books twice what it was sent once. */
  twice: number;
  /** Cannot tell when it is asked. */
  confused: number;
  /** Cannot take anything back now. */
  stubborn: number;
  /** Will not take something back, until somebody has talked to it. */
  deny: number;
}

export interface BankHooks {
  /** Something arrived that is to move money, before anything moves. */
  arrived(what: "act" | "undo", key: string): void;
}

/** The counterparty refuses for good. */
export class BankRefused extends Error {
  override readonly name = "BankRefused";
}

/** It did nothing, and may be asked again. */
export class BankBusy extends Error {
  override readonly name = "BankBusy";
}

/** The acknowledgement of something that may have arrived was lost. */
export class BankSilent extends Error {
  override readonly name = "BankSilent";
}

/** The counterparty: it lives outside of every process, and what it did is done. */
export class Bank {
  readonly payments: Payment[] = [];
  readonly faults: BankFaults = { refuse: 0, busy: 0, twice: 0, confused: 0, stubborn: 0, deny: 0 };
  /** What is on its way to it, by key. */
  readonly underWay = new Map<string, number>();
  /** How often each key was sent, arrived or not. */
  readonly sendings = new Map<string, number>();
  private readonly refused = new Set<string>();
  private refs = 0;

  constructor(private readonly hooks: BankHooks) {}

  /** Books a payment. `dedupes`: the same key again is the same payment. */
  pay(key: string, amount: number, dedupes: boolean, at: number): { ref: string } {
    this.hooks.arrived("act", key);
    const known = this.payments.find((each) => each.key === key);
    if (known && dedupes) return { ref: known.ref };
    if (this.refused.has(key)) throw new BankRefused("the account is closed");
    if (this.takes("busy")) throw new BankBusy("the bank is busy; nothing was booked");
    if (this.takes("refuse")) {
      // Its word on a key stands, whatever else of it is still on its way.
      this.refused.add(key);
      throw new BankRefused("the account is closed");
    }
    const ref = this.book(key, amount, at, known !== undefined);
    if (this.takes("twice")) this.book(key, amount, at, true);
    return { ref };
  }

  find(key: string): Payment[] {
    if (this.takes("confused")) throw new BankBusy("the bank cannot look it up now");
    return this.payments.filter((each) => each.key === key);
  }

  /** Takes a payment back; the same again changes nothing. */
  reverse(ref: string, under: string): { reversed: string } {
    this.hooks.arrived("undo", under);
    if (this.takes("stubborn")) throw new BankBusy("the bank takes nothing back now");
    if (this.takes("deny")) throw new BankRefused("the bank will not take it back");
    const payment = this.payments.find((each) => each.ref === ref);
    if (!payment) throw new BankRefused(`the bank knows no ${ref}`);
    payment.reversedBy ??= under;
    return { reversed: ref };
  }

  private book(key: string, amount: number, at: number, isCopy: boolean): string {
    const ref = `pay-${(this.refs += 1)}`;
    this.payments.push({ ref, key, amount, at, reversedBy: null, isCopy });
    return ref;
  }

  private takes(fault: keyof BankFaults): boolean {
    if (this.faults[fault] === 0) return false;
    this.faults[fault] -= 1;
    return true;
  }
}

/** How long a caller of the bank waits (ms). */
const TIMEOUT_MS = 4_000;

/** The bank, as one process reaches it. */
export interface BankClient {
  pay(key: string, amount: number, options: { dedupes: boolean }): Promise<{ ref: string }>;
  find(key: string): Promise<{ ref: string }[]>;
  reverse(ref: string, under: string): Promise<{ reversed: string }>;
}

export function clientOf(bank: Bank, process: Process): BankClient {
  const { network, timeline } = process.world;
  const call = async <T>(name: string, key: string, apply: () => T): Promise<T> => {
    if (process.isDead) return new Promise<T>(() => {});
    bank.underWay.set(key, (bank.underWay.get(key) ?? 0) + 1);
    const arrive = (): T => {
      bank.underWay.set(key, (bank.underWay.get(key) ?? 1) - 1);
      return apply();
    };
    const broken = (arrived: boolean) => {
      if (!arrived) bank.underWay.set(key, (bank.underWay.get(key) ?? 1) - 1);
      return arrived ? new BankSilent("the connection broke before there was an answer") : new BankBusy("the bank cannot be reached");
    };
    return await network.call(process, { to: "bank", name, timeoutMs: TIMEOUT_MS, apply: arrive, broken });
  };
  return {
    pay: (key, amount, { dedupes }) => {
      if (!process.isDead) bank.sendings.set(key, (bank.sendings.get(key) ?? 0) + 1);
      return call("pay", key, () => bank.pay(key, amount, dedupes, timeline.databaseMs()));
    },
    find: (key) => call("find", `find ${key}`, () => bank.find(key).map(({ ref }) => ({ ref }))),
    reverse: (ref, under) => call("reverse", under, () => bank.reverse(ref, under)),
  };
}
