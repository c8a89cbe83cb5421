import { TapeError } from "@tape/core";

/** Characters, all ASCII, of the longest key: an index of PostgreSQL holds 2,704 bytes, and a timer or a closed gate puts more beside it. */
const LONGEST = 2_400;

/**
 * Names steps (D2): `<runId>/<scope>/d<decision>/<tool>/<call>`. The decision is the latest one answered to the code in
 * the scope; calls count per decision and tool within the scope. Taken synchronously at the call, so that the order in
 * which the code asks is the only thing that decides.
 */
export class Scope {
  private decisions = 0;
  private readonly calls = new Map<string, number>();
  private readonly children = new Map<string, number>();

  constructor(
    private readonly runId: string,
    private readonly path: string = "",
  ) {}

  /** The key of the next call of `tool` here. @throws {TapeError} `invalid_input` for half of a character, and for names that are too long together */
  next(tool: string): string {
    const place = `d${this.decisions}/${encoded(tool)}`;
    const call = (this.calls.get(place) ?? 0) + 1;
    this.calls.set(place, call);
    const key = `${this.runId}/${this.path}/${place}/${call}`;
    if (key.length > LONGEST) throw new TapeError("invalid_input", `the names of a step and of the scopes around it are too long together: ${key.length} characters of ${LONGEST}, of which one that is no ASCII letter or digit takes three to twelve`);
    return key;
  }

  /** A decision of this scope was answered to the code: what it does from here on is caused by it. */
  decided(): void {
    this.decisions += 1;
    this.calls.clear();
  }

  /**
   * A scope of its own inside this one. The same name again gets a number.
   * @throws {TapeError} `invalid_input` for a scope without a name: it would be this one
   */
  open(name: string): Scope {
    if (typeof name !== "string" || name === "") throw new TapeError("invalid_input", "a scope needs a name");
    const count = (this.children.get(name) ?? 0) + 1;
    this.children.set(name, count);
    const part = encoded(name).replaceAll(".", "%2E").replaceAll("~", "%7E") + (count > 1 ? `~${count}` : "");
    return new Scope(this.runId, this.path === "" ? part : `${this.path}.${part}`);
  }
}

/** @throws {TapeError} `invalid_input` for half of a character: it has no encoding, and nothing could be stored under it */
function encoded(name: string): string {
  if (/\p{Surrogate}/u.test(name)) throw new TapeError("invalid_input", "a name holds half of a character (a lone surrogate)");
  return encodeURIComponent(name);
}
