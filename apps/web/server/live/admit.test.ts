import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { revokeToken } from "@tape/store";
import { actors } from "@tape/store/testing";
import { answered } from "../testing/socket.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

test("nobody gets in without a session or token, and is told so", async () => {
  for (const transports of [["websocket"], ["polling"]] as ["websocket" | "polling"][]) {
    const refusal = world.sockets.connect({ transports });
    await expect(refusal).rejects.toMatchObject({ message: "unauthenticated", data: { error: { code: "unauthenticated" } } });
  }
  await expect(world.sockets.connect({ token: "tape_wrong" })).rejects.toMatchObject({ message: "unauthenticated" });
  await expect(world.sockets.connect({ cookie: "tape.session_token=forged.forged" })).rejects.toMatchObject({ message: "unauthenticated" });
});

test("a session's cookie and a token get in, by websocket and by polling", async () => {
  const [cookie, token] = [await world.signIn(), await world.token("viewer")];
  for (const transports of [["websocket"], ["polling"]] as ["websocket" | "polling"][]) {
    for (const by of [{ cookie, origin: world.url }, { token }]) {
      const client = await world.sockets.connect({ ...by, transports });
      expect(answered(await client.socket.emitWithAck("watchInbox", {})).openCount).toBe(0);
    }
  }
});

test("a page of another site does not get in with our cookie", async () => {
  const cookie = await world.signIn();
  await expect(world.sockets.connect({ cookie, origin: "https://evil.example" })).rejects.toBeInstanceOf(Error);
  await expect(world.sockets.connect({ cookie, origin: "null", transports: ["polling"] })).rejects.toBeInstanceOf(Error);
});

test("a session that ends and a token that is revoked drop their sockets within seconds", async () => {
  const [cookie, secret, kept] = [await world.signIn(), await world.token("approver"), await world.token("operator")];
  const bySession = await world.sockets.connect({ cookie, origin: world.url });
  const byToken = await world.sockets.connect({ token: secret });
  const stays = await world.sockets.connect({ token: kept });
  await fetch(`${world.url}/api/v1/auth/sign-out`, { method: "POST", headers: { cookie, origin: world.url } });
  const { body } = await world.ask("admin", "GET", "/api/v1/tokens");
  const [approvers] = (body["items"] as unknown as { id: string; name: string }[]).filter(({ name }) => name.startsWith("approver"));
  await revokeToken(world.store, { id: approvers!.id, actor: actors.admin });
  await vi.waitFor(() => expect([bySession.ended, byToken.ended]).toEqual(["io server disconnect", "io server disconnect"]), { timeout: 5_000 });
  expect(stays.ended).toBeNull();
});
