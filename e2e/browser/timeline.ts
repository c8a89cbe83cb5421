import type { Locator, Page } from "@playwright/test";

export function timeline(page: Page): Locator {
  return page.getByRole("list", { name: "Timeline" });
}

/** How many rows the timeline says it has; the ones outside the screen are not drawn. */
export async function countRows(page: Page): Promise<number> {
  const size = await timeline(page).getByRole("listitem").first().getAttribute("aria-setsize");
  return Number(size ?? 0);
}

/** Every row of the timeline in its order, scrolled through from the top as a reader would. */
export async function readRows(page: Page): Promise<string[]> {
  return await timeline(page).evaluate(async (list) => {
    const scroller = list.parentElement;
    const found = new Map<number, string>();
    const look = () => {
      for (const row of list.querySelectorAll<HTMLElement>("li[data-index]")) found.set(Number(row.dataset["index"]), row.innerText.replace(/\s+/g, " ").trim());
    };
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    if (scroller === null) return [];
    scroller.scrollTop = 0;
    await drawn();
    for (look(); scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1; look()) {
      scroller.scrollTop += scroller.clientHeight / 2;
      await drawn();
    }
    return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
  });
}
