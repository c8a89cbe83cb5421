import type { Connection } from "../connect.ts";
import { promised } from "../drive/asking.ts";
import { heartbeat, isCancelled } from "../steps/context.ts";
import { awaitSignal } from "../steps/signal.ts";
import { cancelRunOperation } from "./cancel.ts";
import { compensateRunOperation } from "./compensate.ts";
import { watchJournalOperation } from "./feed.ts";
import type { Operations } from "./operations.ts";
import { outcomeOperation } from "./outcome.ts";
import { readsOf } from "./read.ts";
import { redriveOperation } from "./redrive.ts";
import { sendSignalOperation } from "./signal.ts";
import { startOperation } from "./start.ts";
import { cancelTimerOperation, setTimerOperation } from "./timer.ts";
import { deleteValueOperation, getValueOperation, setValueOperation } from "./value.ts";
import { watchValueOperation } from "./watch.ts";

export type { JournalPage, WatchJournalOptions } from "./feed.ts";
export type { Operations } from "./operations.ts";
export type { SignalOptions } from "./signal.ts";
export type { RunHandle, StartOptions } from "./start.ts";
export type { RunTarget } from "./target.ts";
export type { SetTimer, TimerOptions } from "./timer.ts";
export type { LiveValue, SetValueOptions, WrittenValue } from "./value.ts";
export type { WatchOptions } from "./watch.ts";

export function operationsOf(app: string, connection: Connection): Operations {
  const cancelRun = promised(cancelRunOperation(app, connection));
  return {
    start: startOperation(app, connection, { outcome: outcomeOperation(app, connection), cancel: cancelRun }),
    cancelRun,
    compensateRun: promised(compensateRunOperation(app, connection)),
    redrive: promised(redriveOperation(app, connection)),
    sendSignal: promised(sendSignalOperation(app, connection)),
    awaitSignal,
    setTimer: promised(setTimerOperation(app, connection)),
    cancelTimer: promised(cancelTimerOperation(app, connection)),
    setValue: promised(setValueOperation(app, connection)),
    getValue: promised(getValueOperation(app, connection)),
    deleteValue: promised(deleteValueOperation(app, connection)),
    watchValue: watchValueOperation(connection),
    watchJournal: watchJournalOperation(connection),
    heartbeat,
    isCancelled,
    ...readsOf(app, connection),
  };
}
