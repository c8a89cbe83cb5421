import { signInIdentifier } from "@tape/store";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";

const record = z.object({ type: z.literal("magic-link"), email: z.string() });

/**
 * Signs in whoever has a link's token, once. It reads the rows that better-auth's own magic link writes with hashed tokens;
 * that plugin itself refuses `owner@localhost` (its addresses need a dot) and lets strangers ask for links.
 */
export const oneTimeLink = {
  id: "one-time-link",
  endpoints: {
    signInByLink: createAuthEndpoint("/sign-in/link", { method: "POST", requireHeaders: true, body: z.object({ token: z.string().max(200) }) }, async (ctx) => {
      const { internalAdapter } = ctx.context;
      // Consuming is one DELETE of one row: of two requests with one link, one signs in.
      const verification = await internalAdapter.consumeVerificationValue(signInIdentifier(ctx.body.token));
      const { email } = record.safeParse(parseJson(verification?.value)).data ?? {};
      const user = email === undefined ? null : await internalAdapter.findUserByEmail(email);
      if (!user) throw new APIError("UNAUTHORIZED", { code: "INVALID_TOKEN", message: "The link was used or has expired." });
      const session = await internalAdapter.createSession(user.user.id);
      await setSessionCookie(ctx, { session, user: user.user });
      return ctx.json({ userId: user.user.id });
    }),
  },
} satisfies BetterAuthPlugin;

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
