import { afterAll, beforeAll, expect, test } from "vitest";
import { actors, openTestStore, type TestStore } from "../testing/index.ts";
import { createToken } from "./create.ts";
import { findToken } from "./find.ts";
import { listTokens } from "./list.ts";
import { revokeToken } from "./revoke.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const actor = actors.admin;
const used = async (id: string) => (await store.pool.query<{ at: Date | null }>("SELECT last_used_at AS at FROM tape.api_tokens WHERE id = $1", [id])).rows[0]!.at;

test("a token is found by its secret, of which only a hash is kept", async () => {
  const { token, record } = await createToken(store, { name: "ci", role: "operator", actor });
  expect(token).toMatch(/^tape_[\w-]{43}$/);
  expect(await findToken(store, { secret: token })).toMatchObject({ id: record.id, name: "ci", role: "operator" });
  const { rows } = await store.pool.query("SELECT t::text AS row FROM tape.api_tokens t WHERE id = $1", [record.id]);
  expect(rows[0].row).not.toContain(token.slice(5));
  for (const secret of ["", "tape_", token.slice(0, -1), `${token}x`, token.slice(5), "tape_\0", `tape_${"x".repeat(10_000)}`]) {
    expect(await findToken(store, { secret })).toBeNull();
  }
});

test("a token that has expired or was revoked is not found; revoking twice is revoking once", async () => {
  const soon = await createToken(store, { name: "soon", role: "viewer", expiresAt: new Date(Date.now() + 3_600_000).toISOString(), actor });
  expect(await findToken(store, { secret: soon.token })).not.toBeNull();
  await store.pool.query("UPDATE tape.api_tokens SET expires_at = tape.now() WHERE id = $1", [soon.record.id]);
  expect(await findToken(store, { secret: soon.token })).toBeNull();

  const { token, record } = await createToken(store, { name: "gone", role: "viewer", actor });
  const [first, second] = [await revokeToken(store, { id: record.id, actor }), await revokeToken(store, { id: record.id, actor })];
  expect(second.revokedAt).toBe(first.revokedAt);
  expect(await findToken(store, { secret: token })).toBeNull();
  const { rows } = await store.pool.query("SELECT action FROM tape.audit WHERE target = $1 ORDER BY id", [record.id]);
  expect(rows).toEqual([{ action: "token.create" }, { action: "token.revoke" }]);
});

test("its last use is written, at most once a minute", async () => {
  const { token, record } = await createToken(store, { name: "busy", role: "viewer", actor });
  expect(await used(record.id)).toBeNull();
  await findToken(store, { secret: token });
  const first = await used(record.id);
  await findToken(store, { secret: token });
  expect(await used(record.id)).toEqual(first);
  await store.pool.query("UPDATE tape.api_tokens SET last_used_at = tape.now() - interval '61 s' WHERE id = $1", [record.id]);
  await findToken(store, { secret: token });
  expect((await used(record.id))!.getTime()).toBeGreaterThanOrEqual(first!.getTime());
});

test("L3 only an admin makes and revokes tokens; an expiry in the past, a name that cannot be stored and rubbish ids are told", async () => {
  await expect(createToken(store, { name: "x", role: "viewer", actor: actors.operator })).rejects.toMatchObject({ code: "forbidden", details: { needed: "admin" } });
  await expect(revokeToken(store, { id: "tok_x", actor: actors.operator })).rejects.toMatchObject({ code: "forbidden" });
  for (const expiresAt of ["2001-01-01T00:00:00Z", "tomorrow"]) {
    await expect(createToken(store, { name: "x", role: "viewer", expiresAt, actor })).rejects.toMatchObject({ code: "invalid_input" });
  }
  await expect(createToken(store, { name: "\0", role: "viewer", actor })).rejects.toMatchObject({ code: "invalid_input" });
  for (const id of ["tok_x", "tok_00000000000000000000000000"]) await expect(revokeToken(store, { id, actor })).rejects.toMatchObject({ code: "not_found" });
  expect((await listTokens(store)).map(({ name }) => name)).not.toContain("x");
});
