/** What a screen has to survive: use these in fixtures wherever a payload, a name or a comment is shown. */
export const worst = {
  /** 200 characters, the longest name that the wire accepts, without a place to break. */
  longName: `reconcile-${"intercompany-settlement-".repeat(8)}`.slice(0, 200).padEnd(200, "x"),
  longWords: `${"The quarterly settlement of all intercompany balances between the European holding and its subsidiaries ".repeat(3)}`.trim(),
  html: `<img src=x onerror="alert(1)"><script>alert("2")</script><b>bold</b> &amp; "quoted" 'single'`,
  rightToLeft: "شركة النور للتجارة الدولية ש.ל. בע״מ",
  /** Reads "invoice 001" where reordering characters are obeyed. */
  reordering: "invoice \u202e100\u202c",
  emoji: "👩‍👩‍👧‍👦 Familie Großmann 🏦",
  control: "line one\nline two\u0007\ttabbed",
  money: { amount: "99999999999999.99", currency: "EUR" },
  negativeMoney: { amount: "-10000000000000.10", currency: "USD" },
  yen: { amount: "12345678901234", currency: "JPY" },
  /** 40 fields of every type, three levels deep. */
  payload: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`field_${String(n + 1).padStart(2, "0")}_of_the_payload`, fieldValue(n)])),
  /** One string of 64 KiB. */
  hugeText: "0123456789abcdef".repeat(4096),
} as const;

function fieldValue(n: number): unknown {
  const values: unknown[] = [
    `text ${n}`,
    n * 1234.5,
    n % 2 === 0,
    null,
    { amount: `${n}234567890123.45`, currency: "EUR" },
    ["a", "b", { deep: { deeper: { deepest: n } } }],
    "2026-11-24",
    "",
  ];
  return values[n % values.length];
}
