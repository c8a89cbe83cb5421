import { readFileSync } from "node:fs";
import { newNonce } from "../http/security.ts";
import type { Face } from "./face.ts";

const STYLE = readFileSync(new URL("./progress.css", import.meta.url), "utf8");
const SCRIPT = readFileSync(new URL("./progress.browser.js", import.meta.url), "utf8");

type Theme = "light" | "dark";

export interface PageOptions {
  /** Who may show it in a frame, beside ourselves. */
  frameAncestors: readonly string[];
  /** Null: as the reader's machine has it. */
  theme: Theme | null;
}

/** The page of a progress link: complete without its script, which only keeps it up to date. */
export function progressPage(face: Face, options: PageOptions): Response {
  const { label, percent, figures, word, tone, isStruck, isOver } = face;
  const now = percent === null ? "" : ` aria-valuenow="${percent}"`;
  const body = (nonce: string) => `<style nonce="${nonce}">#fill { --share: ${percent ?? 0}%; }</style>
<main id="face" data-tone="${tone}" data-over="${isOver}">
<h1 id="label" data-default="${label === null}">${escape(label ?? "Progress")}</h1>
<div id="bar" role="progressbar" aria-labelledby="label" aria-valuemin="0" aria-valuemax="100"${now} aria-valuetext="${escape(figures ?? "No word yet")}"><div id="fill"></div></div>
<div id="line"><span id="word" role="status" data-struck="${isStruck}">${escape(word)}</span><span id="counts"><span id="figures"${hidden(figures)}>${escape(figures ?? "")}</span><span id="percent"${hidden(percent)}>${percent ?? 0} %</span></span></div>
<p id="note" role="status" hidden></p>
</main>
<script nonce="${nonce}">${SCRIPT}</script>`;
  return html(200, "Progress", body, options);
}

/** What somebody sees whose link does not open. Says nothing of any run. */
export function refusedPage(status: 403 | 404 | 503, options: PageOptions): Response {
  const { title, text } = WORDS[status];
  return html(status, title, () => `<main><h1>${title}</h1><p>${text}</p></main>`, options);
}

const WORDS = {
  403: { title: "This link does not open", text: "It has expired, or it is not complete. Ask whoever sent it for another one." },
  404: { title: "There is nothing here any more", text: "What this link showed has been deleted." },
  503: { title: "Tape is away for a moment", text: "This page tries again by itself." },
} as const;

function html(status: 200 | 403 | 404 | 503, title: string, body: (nonce: string) => string, { frameAncestors, theme }: PageOptions): Response {
  const nonce = newNonce();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${["'self'", ...frameAncestors].join(" ")}`,
  ].join("; ");
  const text = `<!doctype html>
<html lang="en"${theme === null ? "" : ` data-theme="${theme}"`}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title>
<style nonce="${nonce}">${STYLE}</style></head>
<body>
${body(nonce)}
</body>
</html>
`;
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cross-origin-resource-policy": "cross-origin",
      "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
      ...(status === 503 && { refresh: "3" }),
    },
  });
}

function hidden(value: unknown): string {
  return value === null ? " hidden" : "";
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
