// VS Code, as code-server, in a headless Chromium; and what a person does there.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { chromium } from "playwright-core";

const home = import.meta.dirname;
const entry = path.join(home, "node_modules/code-server/out/node/entry.js");

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Installs the .vsix and starts the editor. `scratch` is a folder for the editor's own files. */
export async function startEditor({ vsix, scratch }) {
  const data = path.join(scratch, "data");
  const extensions = path.join(scratch, "extensions");
  fs.mkdirSync(path.join(data, "User"), { recursive: true });
  // The editor sees a home of its own, and a PATH without any dagfix.
  const env = { ...process.env, HOME: scratch, PATH: "/usr/bin:/bin", VSCODE_IPC_HOOK_CLI: "" };
  const folders = ["--user-data-dir", data, "--extensions-dir", extensions];
  const installed = spawnSync(process.execPath, [entry, ...folders, "--install-extension", vsix], { env, encoding: "utf8" });
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);

  const port = await freePort();
  const log = fs.openSync(path.join(scratch, "code-server.log"), "w");
  const args = [entry, ...folders, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
  args.push("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override");
  const server = spawn(process.execPath, args, { env, stdio: ["ignore", log, log], detached: true });
  const stop = () => {
    try {
      process.kill(-server.pid, "SIGTERM");
    } catch {
      // It has ended already.
    }
  };
  process.once("exit", stop);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await fetch(`${address}/healthz`).then((it) => it.ok, () => false)); ++tries) {
    assert.ok(tries < 900, "code-server does not answer");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  /** Opens a window with a folder, and the user's settings. */
  const open = async (folder, settings) => {
    fs.writeFileSync(path.join(data, "User/settings.json"), JSON.stringify(settings, null, 2));
    const page = await browser.newPage({ viewport: { width: 1180, height: 760 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${address}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench .statusbar").waitFor();
    return { page, ...actions(page) };
  };
  const close = async () => {
    await browser.close();
    stop();
  };
  return { open, close };
}

function actions(page) {
  const quickInput = page.locator(".quick-input-widget input.input");
  const actionMenu = page.locator(".action-widget");

  async function type(text, timeout) {
    await page.keyboard.press("F1");
    await quickInput.waitFor({ timeout });
    await quickInput.fill(text, { timeout });
    const row = page.locator(".quick-input-list .monaco-list-row.focused");
    if (!text.startsWith(":")) await row.filter({ hasText: text.replace(/^>/, "") }).waitFor({ timeout });
    await page.keyboard.press("Enter");
    await quickInput.waitFor({ state: "hidden", timeout });
  }

  /**
   * Types into the palette: ">Name" is a command, "name.py" a file, ":5:8" a place. The palette closes when something else takes
   * the focus, as the settings editor does while it draws itself; a person would open it again.
   */
  async function palette(text) {
    for (let tries = 1; ; ++tries) {
      try {
        return await type(text, 750 * 2 ** tries);
      } catch (error) {
        if (tries === 5) throw error;
        await page.keyboard.press("Escape");
      }
    }
  }

  async function openFile(name) {
    await palette(name);
    await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  }

  /** Puts the cursor there; both count from 1. */
  async function goTo(line, column) {
    await palette(`:${line}:${column}`);
  }

  /** The titles in the light bulb's menu at the cursor. The menu stays open. */
  async function lightBulb() {
    // Of a file that was opened just now the server may not have said anything yet.
    for (let tries = 1; ; ++tries) {
      await page.keyboard.press("Control+.");
      try {
        await actionMenu.waitFor({ timeout: 750 * 2 ** tries });
        break;
      } catch (error) {
        if (tries === 5) throw error;
        await page.keyboard.press("Escape");
      }
    }
    return actionMenu.locator(".action-item, .monaco-list-row.action").allTextContents();
  }

  async function choose(title) {
    const { x, y, width, height } = await actionMenu.locator(".monaco-list-row.action", { hasText: title }).first().boundingBox();
    // Until the mouse moves, the menu shields itself against clicks that were meant for what was there before.
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 3 });
    await page.mouse.click(x + width / 2, y + height / 2);
    await actionMenu.waitFor({ state: "hidden" });
  }

  /** What the Problems view shows, once it counts so many findings. */
  async function problems(count) {
    const title = page.locator(".panel .composite-bar .action-item", { hasText: "Problems" });
    await title.locator(".badge-content", { hasText: new RegExp(`^${count}$`) }).waitFor();
    return page.locator(".markers-panel .monaco-list-rows").textContent();
  }

  async function problemsGone() {
    await page.locator(".markers-panel .message-box-container", { hasText: "No problems" }).waitFor();
  }

  async function save() {
    await page.keyboard.press("Control+s");
    await page.locator(".tab.active.dirty").waitFor({ state: "detached" });
  }

  /** Holds the mouse over the end of a text that stands in one line of the file, until an explanation appears that matches. */
  async function hover(text, expected) {
    const place = await page.waitForFunction((wanted) => {
      for (const line of document.querySelectorAll(".monaco-editor .view-line")) {
        let end = line.textContent.replaceAll("\u00a0", " ").indexOf(wanted) + wanted.length;
        if (end < wanted.length) continue;
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; end -= node.length, node = walker.nextNode()) {
          if (end > node.length) continue;
          const range = document.createRange();
          range.setStart(node, end - 1);
          range.setEnd(node, end);
          const { x, y, height } = range.getBoundingClientRect();
          return { x, y: y + height / 2 };
        }
      }
      return undefined;
    }, text);
    const { x, y } = await place.jsonValue();
    await page.mouse.move(x, y, { steps: 3 });
    await page.locator(".monaco-hover-content:visible", { hasText: expected }).waitFor();
  }

  /** Sets a text in the settings editor. */
  async function setText(setting, value) {
    await palette(">Preferences: Open Settings (UI)");
    const search = page.locator(".settings-editor .suggest-input-container");
    await search.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(`@id:${setting}`);
    const input = page.locator(`.settings-editor [data-key="${setting}"] input`);
    await input.fill(value);
    await input.press("Tab");
  }

  /** Answers the editor's question for a folder that has the folder `inner`. */
  async function chooseFolder(folder, inner, button) {
    // It writes the path of where it begins, and lists it, before it takes another one.
    const rows = page.locator(".quick-input-list .monaco-list-row");
    await rows.first().waitFor();
    await quickInput.fill(`${folder}/`);
    await rows.filter({ hasText: inner }).waitFor();
    assert.equal(await quickInput.inputValue(), `${folder}/`);
    await page.locator(".quick-input-widget").getByRole("button", { name: button }).click();
    await quickInput.waitFor({ state: "hidden" });
  }

  async function closeTab(title) {
    const tab = page.locator(".tab", { hasText: title });
    await tab.hover();
    await tab.locator(".codicon-close").click();
    await tab.waitFor({ state: "detached" });
  }

  /** The page within the panel that is shown. */
  function webview() {
    return page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("#active-frame");
  }

  async function inWebview(selector, text) {
    await webview().locator(selector, { hasText: text }).first().waitFor();
  }

  return { chooseFolder, closeTab, webview, inWebview, palette, openFile, goTo, hover, lightBulb, choose, problems, problemsGone, setText, save };
}
