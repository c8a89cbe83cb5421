import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ERROR_STATUS, errorBody, errorCode, invalidInput, TapeError } from "./error.ts";

describe("TapeError", () => {
  test("carries its status and travels as a body that parses", () => {
    const error = new TapeError("already_decided", "decided by Ann at 10:42; reload the card", { by: "user:ann@acme.example" });
    expect(error.status).toBe(409);
    expect(errorBody.parse(error.toBody())).toEqual({
      error: { code: "already_decided", message: "decided by Ann at 10:42; reload the card", details: { by: "user:ann@acme.example" } },
    });
  });

  test("a body without details has no such key", () => {
    expect(new TapeError("not_found", "no such run").toBody()).toEqual({ error: { code: "not_found", message: "no such run" } });
  });

  test("is told apart by its code, and keeps its cause", () => {
    const cause = new Error("ECONNREFUSED");
    const error: unknown = new TapeError("unavailable", "the database is away", undefined, { cause });
    expect(TapeError.is(error)).toBe(true);
    expect(TapeError.is(error, "unavailable")).toBe(true);
    expect(TapeError.is(error, "not_found")).toBe(false);
    expect(TapeError.is(cause)).toBe(false);
    expect((error as Error).cause).toBe(cause);
    expect((error as Error).name).toBe("TapeError");
  });

  test("every code has a status of an error, and is a code", () => {
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      expect(errorCode.safeParse(code).success, code).toBe(true);
      expect(status, code).toBeGreaterThanOrEqual(400);
    }
    expect(errorCode.safeParse("oops").success).toBe(false);
  });
});

describe("invalidInput", () => {
  const schema = z.object({ rows: z.array(z.object({ amount: z.string() })), reason: z.string() });

  test("names every bad field by its path and the first one in the message", () => {
    const { error } = schema.safeParse({ rows: [{ amount: "1" }, { amount: 2 }] });
    const told = invalidInput(error ?? new z.ZodError([]), "body");
    expect(told.code).toBe("invalid_input");
    expect(told.status).toBe(400);
    expect(told.message).toMatch(/^body\.rows\.1\.amount: /);
    expect(told.details).toEqual({ fields: [expect.objectContaining({ path: "rows.1.amount" }), expect.objectContaining({ path: "reason" })] });
  });

  test("an error about the whole says so without a path", () => {
    const { error } = schema.safeParse("text");
    expect(invalidInput(error ?? new z.ZodError([])).message).toMatch(/^input: /);
    expect(invalidInput(new z.ZodError([])).message).toBe("input: does not fit");
  });
});
