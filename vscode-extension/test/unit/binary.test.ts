import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, expandPath, findBinary, type Places } from "../../src/binary";

const places: Places = {
  configured: "",
  folders: ["/projects/dags", "/projects/other"],
  searchPath: "/usr/local/bin:/usr/bin",
  home: "/home/me",
  extensionFolder: "/extensions/dagfix",
  trusted: true,
};

function find(changes: Partial<Places>, ...existing: string[]): string | undefined {
  return findBinary({ ...places, ...changes }, (file) => (existing.includes(file) ? file : undefined))?.file;
}

test("the virtual environment goes before PATH, PATH before the extension", () => {
  const [own, path, bundled] = ["/projects/other/.venv/bin/dagfix", "/usr/bin/dagfix", "/extensions/dagfix/bin/dagfix"];
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
  assert.equal(expandPath("${workspaceFolder}/tools/dagfix", places.folders, places.home), "/projects/dags/tools/dagfix");
  assert.equal(expandPath("tools/dagfix", places.folders, places.home), "/projects/dags/tools/dagfix");
  assert.equal(expandPath("tools/dagfix", [], places.home), "");
});

test("in restricted mode nothing of the workspace is run", () => {
  const changes = { trusted: false, searchPath: "/projects/dags/bin:/usr/bin" };
  assert.equal(find(changes, "/projects/dags/.venv/bin/dagfix", "/projects/dags/bin/dagfix"), undefined);
  assert.equal(find({ ...changes, configured: "/projects/dags/dagfix" }, "/projects/dags/dagfix"), undefined);
  assert.equal(find(changes, "/projects/dags/bin/dagfix", "/usr/bin/dagfix"), "/usr/bin/dagfix");
});

test("in restricted mode a symbolic link does not lead into the workspace", () => {
  const link = (file: string) => (file === "/usr/bin/dagfix" ? "/projects/dags/evil" : undefined);
  assert.equal(findBinary({ ...places, trusted: false }, link), undefined);
  assert.equal(findBinary(places, link)?.file, "/usr/bin/dagfix");
});

test("entries of PATH that depend on the current folder are left out", () => {
  const files = candidates({ ...places, folders: [], searchPath: ".::bin:/usr/bin" }).map((it) => it.file);
  assert.deepEqual(files, ["/usr/bin/dagfix", "/extensions/dagfix/bin/dagfix"]);
});

test("only folders inside of the workspace count as inside", () => {
  const changes = { trusted: false, searchPath: "/projects/dags-tools:/projects/dags/..bin" };
  assert.equal(find(changes, "/projects/dags/..bin/dagfix"), undefined);
  assert.equal(find(changes, "/projects/dags-tools/dagfix"), "/projects/dags-tools/dagfix");
});
