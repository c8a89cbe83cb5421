import { mkdir, open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { isReversal, isWire, reversal, wire, wireId, type LedgerLine, type Reversal, type Wire, type WireRequest } from "./wire.ts";

export interface Ledger {
  /** The line of this key, or the one that is being written right now. */
  find(key: string): Promise<LedgerLine> | undefined;
  /** The wire that has this reference. */
  wireOf(id: string): Wire | undefined;
  /**
   * Books a wire: resolves once its line is on the disk (fsync), and only then is it booked. A key may be booked once.
   * Rejects when the disk refused it; nothing of it is kept then.
   */
  book(key: string, request: WireRequest): Promise<Wire>;
  /**
   * Takes a wire back, as {@link book} books one.
   *
   * @throws {AlreadyReversed} at once, when another key did or does it
   */
  reverse(key: string, wire: Wire): Promise<Reversal>;
  /** Every line, in the order of the file. */
  list(): readonly LedgerLine[];
  close(): Promise<void>;
}

/** A wire is reversed at most once. */
export class AlreadyReversed extends Error {
  override readonly name = "AlreadyReversed";
}

interface Draft {
  line: LedgerLine;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The bank's ledger: JSON lines in an append-only file. A line counts once its newline is there, so a last line that a
 * crash tore is cut off: nobody was told that it was booked. A broken line elsewhere is somebody's edit and is refused.
 *
 * @param log told about a torn line that was cut off.
 */
export async function openLedger(file: string, log: (line: string) => void = () => {}): Promise<Ledger> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, "a+", 0o600);
  try {
    const { lines, size } = await readWhole(handle, file, log);
    return new FileLedger(handle, lines, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads the ledger without opening it for writing: for whoever wants to prove something about it. */
export async function readLedger(file: string): Promise<LedgerLine[]> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return [];
  try {
    return parseLines(await handle.readFile(), file).lines;
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, file: string, log: (line: string) => void): Promise<Whole> {
  const bytes = await handle.readFile();
  const { lines, size } = parseLines(bytes, file);
  if (size < bytes.length) {
    log(`The last line of ${file} was torn (${bytes.length - size} bytes) and is cut off: it was never booked.`);
    await handle.truncate(size);
    await handle.sync();
  }
  return { lines, size };
}

interface Whole {
  lines: LedgerLine[];
  /** The bytes of all whole lines. */
  size: number;
}

function parseLines(bytes: Buffer, file: string): Whole {
  const size = bytes.lastIndexOf(0x0a) + 1;
  const texts = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  const keys = new Set<string>();
  const open = new Map<string, Wire>();
  const lines = texts.map((text, index) => {
    const where = `${file}:${index + 1}`;
    const line = parseLine(text, where);
    if (line.id !== wireId(index + 1)) throw new Error(`${where} is ${line.id}, expected ${wireId(index + 1)}: a line was removed or moved.`);
    if (keys.has(line.key)) throw new Error(`${where} books the key ${line.key} a second time.`);
    keys.add(line.key);
    if (!isReversal(line)) open.set(line.id, line);
    else if (!open.delete(line.reverses)) throw new Error(`${where} reverses ${line.reverses}, which is no wire before it, or is reversed already.`);
    return line;
  });
  return { lines, size };
}

function parseLine(text: string, where: string): LedgerLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${where} is not JSON. The ledger is append-only: restore the line, or move the file away to begin a new one.`);
  }
  const parsed = schemaOf(value).safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${where} is not a ${isObject(value) && "reverses" in value ? "reversal" : "wire"}: ${issue?.path.join(".")} ${issue?.message}.`);
}

/** By what the line says it is, so that a refusal names what is wrong with it. */
function schemaOf(value: unknown): z.ZodType<LedgerLine> {
  return isObject(value) && "reverses" in value ? reversal : wire;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

class FileLedger implements Ledger {
  readonly #handle: FileHandle;
  readonly #lines: LedgerLine[];
  readonly #byKey: Map<string, Promise<LedgerLine>>;
  readonly #wires: Map<string, Wire>;
  /** References of wires that are reversed, or are being reversed. */
  readonly #reversed: Set<string>;
  /** Bytes of whole lines: what the file is cut back to when a write fails half-way. */
  #size: number;
  #drafts: Draft[] = [];
  #writing: Promise<void> | undefined;
  /** Set when a half-written line could not be cut off: nothing may be appended behind it. */
  #broken: Error | undefined;

  constructor(handle: FileHandle, lines: LedgerLine[], size: number) {
    this.#handle = handle;
    this.#lines = lines;
    this.#size = size;
    this.#byKey = new Map(lines.map((line) => [line.key, Promise.resolve(line)]));
    this.#wires = new Map(lines.filter(isWire).map((line) => [line.id, line]));
    this.#reversed = new Set(lines.filter(isReversal).map(({ reverses }) => reverses));
  }

  find(key: string): Promise<LedgerLine> | undefined {
    return this.#byKey.get(key);
  }

  wireOf(id: string): Wire | undefined {
    return this.#wires.get(id);
  }

  list(): readonly LedgerLine[] {
    return this.#lines;
  }

  book(key: string, request: WireRequest): Promise<Wire> {
    return this.#append<Wire>({ id: "", key, bookedAt: new Date().toISOString(), ...request });
  }

  reverse(key: string, { id: reverses, creditor, iban, amount, reference }: Wire): Promise<Reversal> {
    if (this.#reversed.has(reverses)) throw new AlreadyReversed(`${reverses} is reversed already`);
    this.#reversed.add(reverses);
    const reversed = this.#append<Reversal>({ id: "", key, bookedAt: new Date().toISOString(), creditor, iban, amount, reference, reverses });
    reversed.catch(() => this.#reversed.delete(reverses));
    return reversed;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  #append<Line extends LedgerLine>(line: Line): Promise<Line> {
    const { key } = line;
    if (this.#byKey.has(key)) throw new Error(`the key ${key} is booked already`);
    const booked = new Promise<Line>((resolve, reject) => {
      this.#drafts.push({ line, resolve: () => resolve(line), reject });
    });
    this.#byKey.set(key, booked);
    booked.catch(() => this.#byKey.delete(key));
    this.#writing ??= this.#writeAll();
    return booked;
  }

  /** One write and one fsync for everything that arrived while the previous one was under way. */
  async #writeAll(): Promise<void> {
    await Promise.resolve();
    while (this.#drafts.length > 0) {
      const batch = this.#drafts.splice(0);
      batch.forEach(({ line }, index) => (line.id = wireId(this.#lines.length + index + 1)));
      try {
        await this.#write(Buffer.from(batch.map(({ line }) => `${JSON.stringify(line)}\n`).join("")));
      } catch (error) {
        for (const draft of batch) draft.reject(error);
        continue;
      }
      for (const { line, resolve } of batch) {
        this.#lines.push(line);
        if (!isReversal(line)) this.#wires.set(line.id, line);
        resolve();
      }
    }
    this.#writing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#broken) throw this.#broken;
    try {
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      this.#size += bytes.length;
    } catch (error) {
      await this.#handle.truncate(this.#size).catch((cause: unknown) => {
        this.#broken = new Error("The ledger holds half a line that cannot be cut off: free the disk and start the bank again.", { cause });
      });
      throw error;
    }
  }
}
