import fc from "fast-check";

/** Where the counting starts when nobody says otherwise: the same cases every time, so that a red test stays red. */
const SEED = 20_250;

/** Cases of a property, fewer or more by `TAPE_RUBBISH_RUNS`; another seed by `TAPE_RUBBISH_SEED`. fast-check prints seed and path of a failure. */
export function rubbishRuns(numRuns: number): { seed: number; numRuns: number } {
  const { TAPE_RUBBISH_SEED: seed, TAPE_RUBBISH_RUNS: times } = process.env;
  return { seed: Number(seed ?? SEED), numRuns: Math.ceil(numRuns * Number(times ?? 1)) };
}

/** Text that is known to be trouble somewhere: what a column, a path, a log, a cursor or a parser may not take. */
const TROUBLE = [
  "", " ", "\t\n", "\u0000", "a\u0000b", "\ud800", "\udfff", "a\ud83d", "\ufeff", "\u202e", "\ufffd", "\u{1f4a5}", "é",
  "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "null", "undefined", "NaN", "true", "me", "*",
  "0", "-1", "-0", "1e309", "1e2", "0x10", "1.5", "2147483648", "9007199254740993", "99999999999999999999999", "Infinity", "١",
  "..", ".", "/", "//", "../../../etc/passwd", "..\\..", "%", "%2", "%00", "%2e%2e%2f", "%c0%af", "%ff", "%ed%a0%80", "%25252e", "a/b", "a?b#c",
  "'; DROP TABLE tape.runs; --", "\\", "$1", "{}", "[]", "{\"a\":", "<script>alert(1)</script>", "${7*7}", "a:b", ":", "a:", "a,b", ",",
  "run_01ARZ3NDEKTSV4RRFFQ69G5FAV", "run_01arz3ndektsv4rrffq69g5fav", "gate_", "role:admin", "user:nobody@example.com",
  "tomorrow", "2026-13-45T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "+275760-09-13T00:00:00Z", "2026-02-30T00:00:00Z", "-infinity", "infinity",
  "W/\"1\"", "\"1\"", "\"1\", \"2\"", "Bearer", "x".repeat(201), "x".repeat(1001), "x".repeat(5000),
] as const;

/** Any text, most of it known trouble. */
export const rubbishText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string>(...TROUBLE) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(0xd800, 0xdc00, 0x41, 0), { maxLength: 4 }).map((units) => String.fromCharCode(...units)) },
);

/** Text as a cursor: ours are base64url of JSON. */
export const rubbishCursor: fc.Arbitrary<string> = fc.oneof(
  rubbishText,
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
  fc.tuple(fc.constantFrom("2026-01-01T00:00:00.000000Z", "2026-99-99T99:99:99.000000Z", "999999-01-01T00:00:00.000000Z", "0000-00-00T00:00:00.000000Z"), rubbishText).map((pair) => Buffer.from(JSON.stringify(pair)).toString("base64url")),
);

const rubbishNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 1.5, 1e-300, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, Number.MAX_VALUE),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

/** Any JSON there can be, with names that are trouble. */
export const rubbishJson: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthIdentifier: "rubbish" },
    fc.oneof(fc.constantFrom(null, true, false), rubbishNumber, rubbishText),
    fc.array(tie("any"), { maxLength: 3, depthIdentifier: "rubbish" }),
    fc.array(fc.tuple(rubbishText, tie("any")), { maxLength: 3, depthIdentifier: "rubbish" }).map(ownEntries),
  ),
})).any;

/** Depths at which parsers, serializers and databases give up, each elsewhere. */
const DEPTHS = [70, 700, 2_000, 4_000, 6_500, 20_000] as const;

/** JSON as it arrives: most of it is JSON, some of it almost. */
export const rubbishJsonText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: rubbishJson.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom(...DEPTHS).chain((depth) => fc.constantFrom("[".repeat(depth) + "]".repeat(depth), '{"a":'.repeat(depth) + "1" + "}".repeat(depth))) },
  { weight: 1, arbitrary: fc.constantFrom("", "{", "[1,", '{"a":1,}', "NaN", "undefined", '{"a":1}{"b":2}', "\ufeff{}", "1e999", "-", '"\\ud800"', '"\\u0000"', '{"__proto__":{"role":"admin"}}', "\u0000", "'a'") },
  { weight: 1, arbitrary: rubbishText },
);

/** Any value of the language, for arguments of functions that are called from JavaScript. */
export const rubbishValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: rubbishJson },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(undefined, null, NaN, Infinity, -Infinity, 10n, Symbol("rubbish"), () => 1, new Date(NaN), new Date(8.64e15), new Map([[1, 2]]), new Set([1]), /a/, new Error("rubbish"), new Uint8Array([0, 255]), Object.create(null) as unknown) },
  { weight: 1, arbitrary: fc.constantFrom(cyclic, throwing).map((make) => make()) },
);

/** An object of these entries, `__proto__` included as a name like any other. */
function ownEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, value] of entries) Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}

function cyclic(): unknown {
  const around: Record<string, unknown> = {};
  around["self"] = around;
  return around;
}

function throwing(): unknown {
  return { toJSON: () => { throw new Error("will not be JSON"); } };
}

/**
 * A value for a JSON Schema, with what fits and what does not in it: a body that is almost right gets further than one
 * that is all wrong. Only the words of JSON Schema that decide about shape are read.
 *
 * @param words text that fits somewhere: ids that exist, names that are known
 */
export function almost(schema: JsonSchema, words: readonly string[] = []): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema, words);
  return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: rubbishJson });
}

/** What this page needs of JSON Schema. */
export interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  format?: string;
  minimum?: number;
  maximum?: number;
}

function fittingOf(schema: JsonSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  const { enum: among, anyOf, oneOf, allOf } = schema;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (among && among.length > 0) return fc.constantFrom(...among);
  const either = anyOf ?? oneOf ?? allOf;
  if (either && either.length > 0) return fc.oneof(...either.map((one) => almost(one, words)));
  switch ([schema.type].flat()[0]) {
    case "string":
      return schema.format === "date-time" ? fc.constantFrom("2099-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z") : fc.oneof(rubbishText, ...(words.length > 0 ? [fc.constantFrom(...words)] : []));
    case "integer":
    case "number":
      return fc.oneof(fc.integer({ min: schema.minimum ?? 0, max: Math.max(schema.minimum ?? 0, schema.maximum ?? 100_000) }), rubbishNumber);
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(almost(schema.items ?? {}, words), { maxLength: 3 });
    case "object":
      return objectOf(schema, words);
    default:
      return rubbishJson;
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema, words: readonly string[]): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, almost(one, words)]));
  // One that is required is left out now and then.
  const asked = fc.oneof({ weight: 7, arbitrary: fc.constant(required) }, { weight: 1, arbitrary: fc.subarray(required) });
  const more = typeof additionalProperties === "object" ? almost(additionalProperties, words) : rubbishJson;
  const extra = fc.oneof({ weight: 4, arbitrary: fc.constant<[string, unknown][]>([]) }, { weight: 1, arbitrary: fc.array(fc.tuple(rubbishText, more), { maxLength: 2 }) });
  return fc.tuple(asked.chain((keys) => fc.record(known, { requiredKeys: keys })), extra).map(([given, others]) => ownEntries([...Object.entries(given), ...others]));
}
