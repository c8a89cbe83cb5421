import { newNonce } from "../http/security.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 34rem; margin: 15vh auto; padding: 0 1.25rem; }
  h1 { font-size: 1.25rem; }
  code { padding: 0.15em 0.4em; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 4px; }`;

/** What somebody sees whose link does not sign in: why, and the command that prints another. Holds nothing of the request. */
export function refusedPage(status: 404 | 410 | 429 | 503): Response {
  const nonce = newNonce();
  const { title, text } = WORDS[status];
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Tape</title><style nonce="${nonce}">${STYLE}
</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}

const ANOTHER = "In the Tape folder, <code>npm run -s tape -- sign-in</code> prints a new one. A link works once, for an hour, and each new one voids the last.";

const WORDS = {
  404: { title: "Sign in with a link", text: `You sign in to Tape with a one-time link. ${ANOTHER}` },
  410: { title: "This link no longer works", text: `It was used, has expired, or a newer one was printed. ${ANOTHER}` },
  429: { title: "Too many attempts", text: "Wait a minute, then open your link again." },
  503: { title: "The database is away", text: "Tape cannot reach its database. Your link was not used: open it again in a moment." },
} as const;
