import { accessSync, constants } from "node:fs";
import path from "node:path";
import { Trouble } from "../start/trouble.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser the screens are tried in: the one `CHROMIUM_PATH` names, else the first that is installed. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) {
    if (isProgram(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH;
    throw new Trouble(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}, which cannot be run: correct it, or unset it to use the installed one.`);
  }
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const found = [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...APPLICATIONS].find(isProgram);
  if (found) return found;
  throw new Trouble("The browser tests need Chromium: install it (apt-get install chromium, brew install --cask chromium) or set CHROMIUM_PATH.");
}
