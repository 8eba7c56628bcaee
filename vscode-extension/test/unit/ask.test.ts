import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { judgeBundle, rulePage } from "../../src/ask";
import { subcommands } from "../../src/run";

const folder = mkdtempSync(path.join(tmpdir(), "dagfix-ask-"));
after(() => rmSync(folder, { recursive: true }));

/** An executable that runs a shell script. */
function fake(script: string): string {
  const file = path.join(folder, `fake-${Math.random()}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test("doctor is asked for Markdown, with the folder as one argument", async () => {
  const file = fake(`for it in "$@"; do echo "[$it]"; done; exit 3`);
  const { markdown, problem } = await judgeBundle(file, "/a b/$(c)");
  assert.equal(markdown, "[doctor]\n[--bundle]\n[/a b/$(c)]\n[--format]\n[markdown]\n");
  assert.equal(problem, "", "a bad verdict is no problem of dagfix");
});

test("what went wrong is told, beside what could be done", async () => {
  assert.deepEqual(await judgeBundle(fake("echo '# report'; echo 'x: no bundle' >&2; exit 2"), "x"), {
    markdown: "# report\n",
    problem: "x: no bundle",
  });
  assert.equal((await judgeBundle(fake("exit 2"), "x")).problem, "dagfix ended with 2.");
  assert.match((await judgeBundle(path.join(folder, "missing"), "x")).problem, /ENOENT/);
});

test("a rule's page is asked for by name", async () => {
  assert.equal((await rulePage(fake('echo "$*"'), "local-minio")).markdown, "rules local-minio --format markdown\n");
});

test("the subcommands are those of the help", async () => {
  const help = "Usage: dagfix [OPTIONS] [PATH ...]\n       dagfix graph [PATH]\n       dagfix lsp\n\nText about dagfix doctor.";
  assert.deepEqual([...(await subcommands(fake(`cat <<'END'\n${help}\nEND`)))].sort(), ["graph", "lsp"]);
});
