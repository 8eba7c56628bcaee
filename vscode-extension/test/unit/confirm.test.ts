import assert from "node:assert/strict";
import { test } from "node:test";
import { asksFirst, editOf, previewCommand, previewed } from "../../src/confirm";

const safe = { title: "Safe", edit: { documentChanges: [] } };
const unsafe = {
  title: "Unsafe",
  edit: { documentChanges: [], changeAnnotations: { a: { label: "Look", needsConfirmation: true } } },
};

test("an edit that nobody has to agree to stays", () => {
  assert.equal(previewed(safe), safe);
  assert.equal(editOf(safe), safe.edit);
});

test("an edit that asks first becomes a command that shows it", () => {
  const action = previewed(unsafe);
  assert.equal(action.edit, undefined);
  assert.deepEqual(action.command, { title: "Unsafe", command: previewCommand, arguments: [unsafe.edit, "Unsafe"] });
  assert.equal(editOf(action), unsafe.edit);
});

test("an annotation that asks for nothing is none", () => {
  assert.ok(!asksFirst({ changeAnnotations: { a: { label: "Look" } } }));
  assert.ok(!asksFirst(undefined));
});

test("other commands have no edit", () => {
  assert.equal(editOf({ title: "Other", command: { title: "", command: "other", arguments: [1] } }), undefined);
});
