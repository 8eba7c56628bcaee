import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings, serverSettings, commandLine } from "../../src/settings";

function read(values: Record<string, unknown>) {
  return readSettings(<T>(key: string, fallback: T) => (key in values ? (values[key] as T) : fallback));
}

test("what is not set is not sent, so that dagfix.toml has its say", () => {
  assert.deepEqual(serverSettings(read({})), {});
  assert.deepEqual(serverSettings(read({ from: " ", select: [], unsafeFixes: false })), {});
});

test("what is set is sent", () => {
  const values = { from: "0.3.5", to: "0.5.3", select: ["KAP1"], ignore: ["conf", "KAP107"], unsafeFixes: true };
  assert.deepEqual(serverSettings(read(values)), values);
});

test("values of a wrong type count as not set", () => {
  assert.deepEqual(serverSettings(read({ from: 0.4, to: null, select: "KAP1", ignore: ["KAP107", 3, ""], unsafeFixes: "yes" })), {
    ignore: ["KAP107"],
  });
});

test("settings become options of the command line", () => {
  assert.deepEqual(commandLine(read({})), []);
  assert.deepEqual(commandLine(read({ from: "0.3.5", to: "0.5.3", ignore: ["conf", "KAP107"] })), [
    ...["--from", "0.3.5", "--to", "0.5.3"],
    ...["--ignore", "conf,KAP107"],
  ]);
  assert.deepEqual(commandLine(read({ select: ["KAP1"], unsafeFixes: true })), ["--select", "KAP1", "--unsafe-fixes"]);
});
