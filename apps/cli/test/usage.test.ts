import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { spawnTape, tape } from "./testing/tape.ts";

describe("what does not fit is said in one line, and exits 64", () => {
  test.each([
    [["stauts"], "unknown command 'stauts'"],
    [["inspect"], "missing required argument 'run'"],
    [["runs", "--nope"], "unknown option '--nope'"],
    [["runs", "--limit", "0"], "a whole number from 1 to 200"],
    [["runs", "--limit", "1e2"], "a whole number from 1 to 200"],
    [["runs", "--status", "BUSY"], "one of RUNNABLE"],
    [["runs", "--since", "yesterday"], "It is like 24h"],
    [["runs", "--label", "novalue"], "It is name=value"],
    [["gates", "--status", "closed"], "one of OPEN"],
    [["redrive", "run_1"], "required option '--reason <text>'"],
    [["redrive", "run_1", "--reason", " "], "It needs a reason"],
    [["resolve", "effect", "eff_1", "--as", "maybe", "--reason", "x"], "confirmed, failed, retry"],
    [["resolve", "run", "run_1", "--as", "failed", "--reason", "x"], "effect"],
    [["token", "create", "--name", "ci"], "required option '--role <role>'"],
    [["token", "create", "--name", "ci", "--role", "king"], "viewer, approver, operator, admin"],
    [["token", "create", "--name", "ci", "--role", "viewer", "--expires", "soon"], "It is like 12h"],
    [["signal", "run_1"], "missing required argument 'name'"],
    [["runs", "extra"], "too many arguments"],
    [["cancel", "run_1"], "required option '--reason <text>'"],
    [["cancel", "run_1", "--reason", ""], "It needs a reason"],
    [["compensate"], "missing required argument 'run'"],
    [["compensate", "run_1", "--reason", " "], "It needs a reason"],
    [["resolve", "obligation", "obl_1", "--as", "undone", "--reason", "x"], "done, waived"],
    [["gates", "extend", "gate_1", "--reason", "x"], "required option '--by <time>'"],
    [["gates", "extend", "gate_1", "--by", "soon", "--reason", "x"], "It is like 90s, 10m, 1h or 7d"],
    [["timers"], "missing required argument 'run'"],
    [["timers", "set", "run_1", "t", "--in", "1h"], "required option '--kind <kind>'"],
    [["timers", "set", "run_1", "t", "--kind", "redrive", "--in", "0m"], "It is like 90s"],
    [["timers", "set", "run_1", "t", "--kind", "redrive", "--at", "noon"], "It is like 2026-05-01T08:00:00Z"],
    [["values", "get", "ns"], "missing required argument 'key'"],
    [["values", "set", "ns", "key", "1", "--if-version", "x"], "a whole number"],
    [["values", "change"], "unknown command 'change'"],
    [["tail", "run_1", "--from", "-1"], "a whole number"],
  ])("tape %j", async (args, message) => {
    const { code, out, err } = await tape({}, ...args);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toContain(message);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test.each([
    ["TAPE_URL", "ftp://x", "TAPE_URL is not an address"],
    ["PORT", "80a", "PORT is not a number"],
  ])("%s=%s", async (name, value, message) => {
    expect(await tape({ [name]: value }, "status")).toEqual({ code: 64, out: "", err: expect.stringContaining(message) });
  });

  test("no command at all shows the help", async () => {
    const { code, err } = await tape({});
    expect(code).toBe(64);
    expect(err).toContain("Usage: tape");
  });
});

test("help and version are answers", async () => {
  const help = await tape({}, "--help");
  expect(help).toMatchObject({ code: 0, err: "" });
  for (const command of ["status", "runs", "inspect", "gates", "start", "approve", "reject", "cancel", "compensate", "tail", "timers", "values", "signal", "redrive", "resolve", "dev", "worker", "migrate", "doctor", "sign-in", "token", "demo"]) {
    expect(help.out).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  }
  expect((await tape({}, "approve", "--help")).out).toContain("--fingerprint");
  expect(await tape({}, "--version")).toEqual({ code: 0, out: "0.1.0\n", err: "" });
});

describe("in a process of its own", () => {
  test("without a database: one line with what to do, and 69", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "tape-cli-"));
    const { code, out, err } = await spawnTape({ cwd: folder }, "status");
    expect({ code, out }).toEqual({ code: 69, out: "" });
    expect(err).toBe("tape: The database is not running. In the Tape folder run npm start, or set DATABASE_URL.\n");
  });

  test("a database that refuses the connection: 69", async () => {
    const { code, err } = await spawnTape({ variables: { DATABASE_URL: "postgres://postgres@127.0.0.1:1/none" } }, "runs", "--json");
    expect(code).toBe(69);
    expect(err).toBe("tape: The database cannot be reached. Try again in a moment.\n");
  });

  test("a wrong command line: 64", async () => {
    expect(await spawnTape({}, "nonsense")).toEqual({ code: 64, out: "", err: expect.stringMatching(/^tape: unknown command 'nonsense'.*\n$/) });
  });

  test("TAPE_URL without a token: 77", async () => {
    expect(await spawnTape({ variables: { TAPE_URL: "http://127.0.0.1:1" } }, "status")).toEqual({ code: 77, out: "", err: expect.stringContaining("TAPE_TOKEN") });
  });

  test("demo passes its arguments and its exit code through", async () => {
    expect(await spawnTape({}, "demo", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("fault") });
    expect(await spawnTape({}, "demo", "fault", "fire")).toMatchObject({ code: 64, err: expect.stringContaining("crash-after-commit") });
  });

  test("worker says which file is missing", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "tape-cli-"));
    await writeFile(path.join(folder, "other.ts"), "");
    expect(await spawnTape({ cwd: folder }, "worker", "--config", "tape.config.ts")).toMatchObject({ code: 64, err: "tape: --config tape.config.ts: there is no such file.\n" });
  });
});
