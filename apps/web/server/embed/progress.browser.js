// What runs in the page of a progress link: it shows each face it is told, and asks again when it hears nothing.
(() => {
  const part = (id) => document.getElementById(id);
  const address = (name) => `${location.pathname.replace(/\/+$/, "")}/${name}?token=${encodeURIComponent(new URLSearchParams(location.search).get("token") ?? "")}`;
  /** Before connecting again (ms), and how often it is looked whatever was heard. */
  const RETRY = { first: 500, most: 5000 };
  const LOOK_MS = 30_000;

  let waitMs = RETRY.first;
  let source = null;
  let timer;
  let isOver = part("face").dataset.over === "true";
  let isRefused = false;

  function show(face) {
    isOver = face.isOver;
    const { label, percent, figures, word, tone, isStruck } = face;
    part("face").dataset.tone = tone;
    put("label", label ?? "Progress");
    part("label").dataset.default = String(label === null);
    put("figures", figures);
    put("percent", percent === null ? null : `${percent} %`);
    put("word", word);
    part("word").dataset.struck = String(isStruck);
    const bar = part("bar");
    bar.setAttribute("aria-valuetext", figures ?? "No word yet");
    if (percent === null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(percent));
    part("fill").style.setProperty("--share", `${percent ?? 0}%`);
    put("note", null);
  }

  function put(id, text) {
    const element = part(id);
    element.hidden = text === null;
    // Only what is different: a screen reader says again what is written again.
    if (text !== null && element.textContent !== text) element.textContent = text;
  }

  function connect() {
    if (source !== null || isOver || isRefused || document.hidden) return;
    const mine = new EventSource(address("events"));
    source = mine;
    mine.addEventListener("progress", (event) => {
      waitMs = RETRY.first;
      show(JSON.parse(event.data));
      // What is final needs no connection: a browser has only six of them for one server.
      if (isOver) disconnect();
    });
    mine.onerror = () => {
      if (source === mine) disconnect();
      mine.close();
      again();
    };
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  function again() {
    clearTimeout(timer);
    if (isRefused || isOver) return;
    timer = setTimeout(async () => {
      await look();
      connect();
    }, waitMs);
    waitMs = Math.min(waitMs * 2, RETRY.most);
  }

  async function look() {
    if (isRefused || document.hidden) return;
    try {
      const response = await fetch(address("state"), { cache: "no-store" });
      if (response.status === 403 || response.status === 404) return refused();
      if (!response.ok) throw new Error(String(response.status));
      show(await response.json());
    } catch {
      put("note", "Not connected. Trying again.");
    }
  }

  function refused() {
    isRefused = true;
    disconnect();
    put("note", "This link no longer works. Ask for another one.");
  }

  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return disconnect();
    await look();
    connect();
  });
  setInterval(async () => {
    await look();
    connect();
  }, LOOK_MS);
  connect();
})();
