import assert from "node:assert/strict";
import { test } from "node:test";
import { withEdits } from "../../src/text";

test("changes are made in the order of the text", () => {
  const changes = [
    { begin: 6, end: 11, text: "dags" },
    { begin: 0, end: 5, text: "Goodbye" },
  ];
  assert.equal(withEdits("Hello world", changes), "Goodbye dags");
});

test("an insertion goes before what is replaced there, insertions stay in order", () => {
  const changes = [
    { begin: 1, end: 2, text: "X" },
    { begin: 1, end: 1, text: "1" },
    { begin: 1, end: 1, text: "2" },
  ];
  assert.equal(withEdits("abc", changes), "a12Xc");
});

test("without changes the text stays", () => {
  assert.equal(withEdits("a\r\nb", []), "a\r\nb");
});
