import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, expandPath, findBinary, type Places } from "../../src/binary";

const places: Places = {
  configured: "",
  folders: ["/work/dags", "/work/other"],
  searchPath: "/usr/local/bin:/usr/bin",
  home: "/home/me",
  extensionFolder: "/extensions/dagfix",
  trusted: true,
};

function find(changes: Partial<Places>, ...existing: string[]): string | undefined {
  return findBinary({ ...places, ...changes }, (file) => (existing.includes(file) ? file : undefined))?.file;
}

test("the virtual environment goes before PATH, PATH before the extension", () => {
  const [own, path, bundled] = ["/work/other/.venv/bin/dagfix", "/usr/bin/dagfix", "/extensions/dagfix/bin/dagfix"];
  assert.equal(find({}, own, path, bundled), own);
  assert.equal(find({}, path, bundled), path);
  assert.equal(find({}, bundled), bundled);
  assert.equal(find({}), undefined);
});

test("a path that is set is the only place", () => {
  assert.equal(find({ configured: "/opt/dagfix" }, "/opt/dagfix", "/usr/bin/dagfix"), "/opt/dagfix");
  assert.equal(find({ configured: "/opt/dagfxi" }, "/opt/dagfix", "/usr/bin/dagfix"), undefined);
});

test("~ and ${workspaceFolder} are replaced", () => {
  assert.equal(expandPath(" ~/bin/dagfix ", places.folders, places.home), "/home/me/bin/dagfix");
  assert.equal(expandPath("~other/dagfix", [], places.home), "");
  assert.equal(expandPath("${workspaceFolder}/tools/dagfix", places.folders, places.home), "/work/dags/tools/dagfix");
  assert.equal(expandPath("tools/dagfix", places.folders, places.home), "/work/dags/tools/dagfix");
  assert.equal(expandPath("tools/dagfix", [], places.home), "");
});

test("in restricted mode nothing of the workspace is run", () => {
  const changes = { trusted: false, searchPath: "/work/dags/bin:/usr/bin" };
  assert.equal(find(changes, "/work/dags/.venv/bin/dagfix", "/work/dags/bin/dagfix"), undefined);
  assert.equal(find({ ...changes, configured: "/work/dags/dagfix" }, "/work/dags/dagfix"), undefined);
  assert.equal(find(changes, "/work/dags/bin/dagfix", "/usr/bin/dagfix"), "/usr/bin/dagfix");
});

test("in restricted mode a symbolic link does not lead into the workspace", () => {
  const link = (file: string) => (file === "/usr/bin/dagfix" ? "/work/dags/evil" : undefined);
  assert.equal(findBinary({ ...places, trusted: false }, link), undefined);
  assert.equal(findBinary(places, link)?.file, "/usr/bin/dagfix");
});

test("entries of PATH that depend on the current folder are left out", () => {
  const files = candidates({ ...places, folders: [], searchPath: ".::bin:/usr/bin" }).map((it) => it.file);
  assert.deepEqual(files, ["/usr/bin/dagfix", "/extensions/dagfix/bin/dagfix"]);
});

test("only folders inside of the workspace count as inside", () => {
  const changes = { trusted: false, searchPath: "/work/dags-tools:/work/dags/..bin" };
  assert.equal(find(changes, "/work/dags/..bin/dagfix"), undefined);
  assert.equal(find(changes, "/work/dags-tools/dagfix"), "/work/dags-tools/dagfix");
});
