import { mkdir, open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { wire, wireId, type Wire, type WireRequest } from "./wire.ts";

export interface Ledger {
  /** The booked wire of this key, or the one that is being written right now. */
  find(key: string): Promise<Wire> | undefined;
  /**
   * Books a wire: resolves once its line is on the disk (fsync), and only then is it booked. A key may be booked once.
   * Rejects when the disk refused it; nothing of it is kept then.
   */
  book(key: string, request: WireRequest): Promise<Wire>;
  /** Every booked wire, in the order of the file. */
  list(): readonly Wire[];
  close(): Promise<void>;
}

interface Draft {
  wire: Wire;
  resolve(booked: Wire): void;
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
    const { wires, size } = await readWhole(handle, file, log);
    return new FileLedger(handle, wires, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads the ledger without opening it for writing: for whoever wants to prove something about it. */
export async function readLedger(file: string): Promise<Wire[]> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return [];
  try {
    return parseLines(await handle.readFile(), file).wires;
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, file: string, log: (line: string) => void): Promise<{ wires: Wire[]; size: number }> {
  const bytes = await handle.readFile();
  const { wires, size } = parseLines(bytes, file);
  if (size < bytes.length) {
    log(`The last line of ${file} was torn (${bytes.length - size} bytes) and is cut off: it was never booked.`);
    await handle.truncate(size);
    await handle.sync();
  }
  return { wires, size };
}

/** `size`: the bytes of all whole lines. */
function parseLines(bytes: Buffer, file: string): { wires: Wire[]; size: number } {
  const size = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  const keys = new Set<string>();
  const wires = lines.map((text, index) => {
    const booked = parseLine(text, `${file}:${index + 1}`);
    if (booked.id !== wireId(index + 1)) throw new Error(`${file}:${index + 1} is ${booked.id}, expected ${wireId(index + 1)}: a line was removed or moved.`);
    if (keys.has(booked.key)) throw new Error(`${file}:${index + 1} books the key ${booked.key} a second time.`);
    keys.add(booked.key);
    return booked;
  });
  return { wires, size };
}

function parseLine(text: string, where: string): Wire {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${where} is not JSON. The ledger is append-only: restore the line, or move the file away to begin a new one.`);
  }
  const parsed = wire.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${where} is not a wire: ${issue?.path.join(".")} ${issue?.message}.`);
}

class FileLedger implements Ledger {
  readonly #handle: FileHandle;
  readonly #wires: Wire[];
  readonly #byKey: Map<string, Promise<Wire>>;
  /** Bytes of whole lines: what the file is cut back to when a write fails half-way. */
  #size: number;
  #drafts: Draft[] = [];
  #writing: Promise<void> | undefined;
  /** Set when a half-written line could not be cut off: nothing may be appended behind it. */
  #broken: Error | undefined;

  constructor(handle: FileHandle, wires: Wire[], size: number) {
    this.#handle = handle;
    this.#wires = wires;
    this.#size = size;
    this.#byKey = new Map(wires.map((each) => [each.key, Promise.resolve(each)]));
  }

  find(key: string): Promise<Wire> | undefined {
    return this.#byKey.get(key);
  }

  list(): readonly Wire[] {
    return this.#wires;
  }

  book(key: string, request: WireRequest): Promise<Wire> {
    if (this.#byKey.has(key)) throw new Error(`the key ${key} is booked already`);
    const booked = new Promise<Wire>((resolve, reject) => {
      const draft = { id: "", key, bookedAt: new Date().toISOString(), ...request };
      this.#drafts.push({ wire: draft, resolve, reject });
    });
    this.#byKey.set(key, booked);
    booked.catch(() => this.#byKey.delete(key));
    this.#writing ??= this.#writeAll();
    return booked;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  /** One write and one fsync for everything that arrived while the previous one was under way. */
  async #writeAll(): Promise<void> {
    await Promise.resolve();
    while (this.#drafts.length > 0) {
      const batch = this.#drafts.splice(0);
      batch.forEach((draft, index) => (draft.wire.id = wireId(this.#wires.length + index + 1)));
      try {
        await this.#write(Buffer.from(batch.map((draft) => `${JSON.stringify(draft.wire)}\n`).join("")));
      } catch (error) {
        for (const draft of batch) draft.reject(error);
        continue;
      }
      this.#wires.push(...batch.map((draft) => draft.wire));
      for (const draft of batch) draft.resolve(draft.wire);
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
