// What a user does with the extension in VS Code, from the first squiggle to the saved file.
//
//   node session.mjs DAGFIX EXTENSION.vsix OUT
//
// Pictures go into the folder OUT; light-bulb.png is the one in the README of the extension.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { startEditor } from "./editor.mjs";

const [dagfix, vsix, out] = process.argv.slice(2).map((it) => path.resolve(it));
const root = path.resolve(import.meta.dirname, "../../..");
const example = "dag_lung_nodules.py";
/** This one has CRLF. */
const other = "dag_nrrd_for_slicer.py";
/** A chart, with a fix that is not safe. */
const chart = "job.yaml";
const chartText = 'kind: Job\nmetadata:\n  namespace: "{{ .Values.global.jobs_namespace }}"\n';
const settings = {
  "dagfix.from": "0.3.5",
  "telemetry.telemetryLevel": "off",
  "window.title": "dagfix",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.startupEditor": "none",
  "workbench.reduceMotion": "on",
  "editor.minimap.enabled": false,
  "extensions.ignoreRecommendations": true,
};
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "dagfix-vscode-"));
const started = Date.now();

function say(text) {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

async function eventually(holds, complaint) {
  for (let tries = 0; tries < 100; ++tries) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(complaint);
}

/** The editor writes files behind its window's back, so a moment may pass. */
async function eventuallyHolds(file, bytes) {
  const read = () => fs.readFileSync(file, "latin1");
  await eventually(() => read() === bytes.toString("latin1"), "").catch(() => assert.equal(read(), bytes.toString("latin1")));
}

/** A workspace with the two DAGs and the chart. */
function makeFolder(name) {
  const folder = path.join(scratch, name);
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(root, "docs/example/dags", example), path.join(folder, example));
  fs.copyFileSync(path.join(root, "fixtures/dags/conversion", other), path.join(folder, other));
  fs.writeFileSync(path.join(folder, chart), chartText);
  return folder;
}

/** What the command line makes of a file of the same workspace. */
function migrated(name) {
  const folder = makeFolder("expected");
  spawnSync(dagfix, ["--from", "0.3.5", "--apply", folder], { env: { ...process.env, HOME: scratch } });
  return fs.readFileSync(path.join(folder, name));
}

async function findingsAndFixes(editor, folder) {
  const { page } = editor;
  await editor.openFile(example);
  await page.locator(".squiggly-warning").first().waitFor();
  await page.locator(".squiggly-error").first().waitFor();
  await editor.palette(">View: Focus Problems");
  assert.match(await editor.problems(7), /LocalGetInputDataOperator reaches beyond the project.*KAP101/);
  await page.locator("#dagfix\\.dagfix\\.dagfix\\.status", { hasText: "4 / 7" }).waitFor();
  say("squiggles, problems, status bar");

  await editor.hover("get_input = LocalGetInputData", /0\.4/);
  await page.waitForTimeout(500); // it fades in
  await page.screenshot({ path: path.join(out, "hover.png") });
  await page.keyboard.press("Escape");
  say("hover");

  await editor.goTo(5, 60);
  const titles = (await editor.lightBulb()).map((it) => it.trim());
  const order = ["Replace LocalGetInput", "Make all safe", "Ignore local-get-input-data on", "Ignore local-get-input-data in"];
  assert.ok(titles.length === order.length && titles.every((it, i) => it.startsWith(order[i])), titles.join(" | "));
  await page.screenshot({ path: path.join(out, "light-bulb.png") });
  await editor.choose("GetInputOperator");
  await editor.problems(6);
  say(`quick fix, one of: ${titles.join(" | ")}`);

  await editor.setText("dagfix.to", "0.4.0");
  await editor.problems(5);
  await editor.setText("dagfix.to", "");
  await editor.problems(6);
  say("setting");

  await editor.openFile(example);
  await editor.goTo(7, 55);
  await editor.lightBulb();
  await editor.choose("Make all safe dagfix fixes");
  await editor.problems(4);
  await editor.save();
  await eventuallyHolds(path.join(folder, example), migrated(example));
  say("fix all, saved: the bytes of --apply");
}

/** What dagfix wrote, as a page: from the link of a finding, and by command. */
async function pages(editor) {
  const { page } = editor;
  await page.locator(".markers-panel .code-link, .markers-panel a", { hasText: "KAP101" }).first().click();
  await editor.inWebview("h1", /local-get-input-data/i);
  await page.screenshot({ path: path.join(out, "rule.png") });
  await editor.closeTab("local-get-input-data");
  await editor.palette(">dagfix: Show Migration Plan");
  await editor.inWebview("td", /KAP101 local-get-input-data/);
  await page.screenshot({ path: path.join(out, "plan.png") });
  await editor.closeTab("Migration plan");
  say("the page of a rule, the plan");
}

/** What `dagfix doctor` says of a recorded state of a platform. */
async function doctor(editor) {
  const { page } = editor;
  // What is not in it is unknown to doctor; it is no more than a version.
  const bundle = path.join(scratch, "bundle");
  fs.mkdirSync(path.join(bundle, "fs/small/home/kaapana"), { recursive: true });
  fs.writeFileSync(path.join(bundle, "fs/small/home/kaapana/version"), "0.4.2\n");
  await editor.palette(">dagfix: Run Doctor on a Bundle");
  await editor.chooseFolder(bundle, "fs", "Run Doctor");
  await editor.inWebview("body", /K05-5/);
  await page.screenshot({ path: path.join(out, "doctor.png") });
  await editor.closeTab("Doctor on");
  say("doctor on a bundle");
}

/** The picture beside the file, with the tasks marked that a migration changes; drawn anew when the file is saved. */
async function graph(editor) {
  const { page } = editor;
  await editor.openFile(example);
  await editor.palette(">dagfix: Show DAG Graph");
  await editor.inWebview("svg text", /get-input/);
  const marked = editor.webview().locator("svg .box.new, svg .box.you");
  assert.ok((await marked.count()) > 0, "no task is marked");
  assert.equal(await page.locator(".editor-group-container").count(), 2, "the graph is not beside the file");
  await page.screenshot({ path: path.join(out, "graph.png") });
  await editor.closeTab("Graph of");
  say("graph");
}

/** A fix that is not safe is not made before somebody has agreed to it. */
async function unsafeFix(editor) {
  const { page } = editor;
  await editor.openFile(chart);
  await page.locator(".squiggly-error").first().waitFor();
  await editor.goTo(3, 30);
  await editor.lightBulb();
  await editor.choose("unsafe");
  const toast = page.locator(".notifications-toasts", { hasText: "unsafe: check the result" });
  await toast.getByRole("button", { name: "Apply", exact: true }).waitFor();
  await page.locator(".line-insert").first().waitFor();
  await page.screenshot({ path: path.join(out, "unsafe.png") });
  await toast.getByRole("button", { name: "Discard", exact: true }).click();
  await page.locator(".tab", { hasText: "dagfix: Replace" }).waitFor({ state: "detached" });
  await editor.problems(4);
  await page.locator(`.tab.active:not(.dirty)[data-resource-name="${chart}"]`).waitFor();
  say("a chart: an unsafe fix asks first");
}

async function workspacePreview(editor, folder) {
  const { page } = editor;
  const before = fs.readFileSync(path.join(folder, other));
  const expected = migrated(other);
  assert.notDeepEqual(expected, before);
  await editor.palette(">dagfix: Migrate Workspace");
  const apply = page.locator(".notifications-toasts").getByRole("button", { name: "Apply", exact: true });
  await apply.waitFor();
  await page.locator(".tab.active", { hasText: "dagfix: migrate" }).waitFor();
  await page.locator(".line-insert").first().waitFor();
  await page.screenshot({ path: path.join(out, "preview.png") });
  assert.deepEqual(fs.readFileSync(path.join(folder, other)), before);
  await apply.click();
  await page.locator(".tab", { hasText: "dagfix: migrate" }).waitFor({ state: "detached" });
  await eventuallyHolds(path.join(folder, other), expected);
  say("workspace: preview, then the bytes of --apply");
}

async function withoutExecutable(editor, folder) {
  const { page } = editor;
  const own = path.join(folder, ".vscode/settings.json");
  fs.mkdirSync(path.dirname(own));
  fs.writeFileSync(own, JSON.stringify({ "dagfix.path": "/nowhere/dagfix" }));
  const message = page.locator(".notifications-toasts", { hasText: "dagfix.path names no executable: /nowhere/dagfix" });
  await message.getByRole("button", { name: "Set dagfix.path" }).waitFor();
  await editor.problemsGone();
  fs.writeFileSync(own, "{}");
  await editor.problems(2);
  say("no executable: a message with a button; then the one of the extension again");
}

/** In restricted mode neither the settings of the folder nor its virtual environment decide what is run. */
async function restrictedMode(code) {
  const folder = makeFolder("restricted/dags");
  const marker = path.join(scratch, "was-run");
  const evil = path.join(folder, ".venv/bin/dagfix");
  fs.mkdirSync(path.dirname(evil), { recursive: true });
  fs.writeFileSync(evil, `#!/bin/sh\necho "$0" >>'${marker}'\n`, { mode: 0o755 });
  fs.mkdirSync(path.join(folder, ".vscode"));
  fs.writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify({ "dagfix.path": evil }));
  const editor = await code.open(folder, settings);
  await watched(editor, async () => {
    await editor.page.getByRole("button", { name: /No, I don't trust/ }).click();
    await editor.openFile(example);
    await editor.page.locator(".squiggly-warning").first().waitFor();
    assert.ok(!fs.existsSync(marker), "something of the folder was run");
    await editor.palette(">Workspaces: Manage Workspace Trust");
    await editor.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
    await eventually(() => fs.existsSync(marker), "the folder's setting is not used although it is trusted");
    say("restricted mode: nothing of the folder is run; once trusted, its setting counts");
  });
}

async function trustedMode(code) {
  const folder = makeFolder("trusted/dags");
  const editor = await code.open(folder, { ...settings, "security.workspace.trust.enabled": false });
  say("a window");
  await watched(editor, async () => {
    await graph(editor);
    await findingsAndFixes(editor, folder);
    await unsafeFix(editor);
    await pages(editor);
    await doctor(editor);
    await workspacePreview(editor, folder);
    await withoutExecutable(editor, folder);
  });
}

/** Does something in a window and closes it; there is a picture if it fails. */
async function watched({ page }, actions) {
  try {
    await actions();
  } catch (error) {
    await page.screenshot({ path: path.join(out, "failed.png") });
    throw error;
  }
  await page.close();
}

fs.mkdirSync(out, { recursive: true });
fs.rmSync(path.join(out, "failed.png"), { force: true });
let code;
try {
  code = await startEditor({ vsix, scratch: path.join(scratch, "editor") });
  say("code-server and a browser");
  await trustedMode(code);
  await restrictedMode(code);
} finally {
  await code?.close();
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
