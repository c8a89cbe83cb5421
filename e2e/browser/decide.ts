import { expect, type Locator, type Page } from "@playwright/test";

/** Opens a gate's card by its address. */
export async function openCard(page: Page, gateId: string): Promise<void> {
  await page.goto(`/inbox/${gateId}`);
  await expect(button(page, "Approve")).toBeEnabled();
}

/** The button at the foot of the card; the one in the question has the same name. */
export function button(page: Page, outcome: "Approve" | "Reject"): Locator {
  return page.getByLabel("The card").getByRole("button", { name: new RegExp(`^${outcome}`) });
}

/** Presses the key until the question comes: a card that has only just come takes no key for a moment. */
export async function askByKey(page: Page, key: "a" | "r"): Promise<Locator> {
  const question = page.getByRole("dialog", { name: key === "a" ? "Approve" : "Reject" });
  await expect(async () => {
    await page.keyboard.press(key);
    await expect(question).toBeVisible({ timeout: 300 });
  }).toPass();
  return question;
}

/** Decides the card that is open, by mouse. A tab behind another one draws a frame a second, so it comes to the front. */
export async function decide(page: Page, outcome: "Approve" | "Reject", comment = ""): Promise<void> {
  await page.bringToFront();
  await button(page, outcome).click();
  const question = page.getByRole("dialog", { name: outcome });
  await question.getByLabel("Comment").fill(comment);
  await question.getByRole("button", { name: new RegExp(`^${outcome}`) }).click();
  await expect(question).toBeHidden();
}
