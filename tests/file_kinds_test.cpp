#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "files/decode.hpp"
#include "files/items.hpp"
#include "files/kind.hpp"
#include "files/notebook.hpp"
#include "support/catch.hpp"

using namespace dagfix;

namespace {

using Role = Item::Role;

/// All items as "path = content", a '?' behind what is not plain.
std::vector<std::string> listed(const std::string& text, FileKind kind,
                                const std::string& path = "file") {
  const FileItems file = items_of(text, kind, path);
  const auto content = [&](const Item& item) {
    return text.substr(item.content.begin, item.content.size());
  };
  std::vector<std::string> result;
  for (const Item& item : file.items) {
    if (item.role == Role::name) continue;
    std::string line = content(item) + (item.is_plain ? "" : "?");
    std::uint32_t above = item.parent;
    for (; above != Item::kNone; above = file.items[above].parent) {
      line = content(file.items[above]) + "/" + line;
    }
    if (item.role == Role::key) line += ":";
    if (item.role == Role::variable) line = "$" + line;
    result.push_back(line);
  }
  return result;
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

std::string commented(const std::string& text, FileKind kind) {
  std::string all;
  for (const ByteRange range : items_of(text, kind, "file").comments) {
    all += text.substr(range.begin, range.size()) + "|";
  }
  return all;
}

}  // namespace

TEST_CASE("File kinds: by name") {
  CHECK(kind_of_name("dag.py") == FileKind::python);
  CHECK(kind_of_name("values.yaml") == FileKind::yaml);
  CHECK(kind_of_name("_helpers.tpl") == FileKind::yaml);
  CHECK(kind_of_name("Dockerfile") == FileKind::dockerfile);
  CHECK(kind_of_name("Dockerfile.gpu") == FileKind::dockerfile);
  CHECK(kind_of_name("x.dockerfile") == FileKind::dockerfile);
  CHECK(kind_of_name("App.vue") == FileKind::script);
  CHECK(kind_of_name("a.ipynb") == FileKind::notebook);
  CHECK(kind_of_name(".env") == FileKind::shell);
  CHECK(!kind_of_name("README.md"));
  CHECK(!kind_of_name("py"));
  CHECK(is_generated_name("package-lock.json"));
  CHECK(is_generated_name("vue.min.js"));
  CHECK(!is_generated_name("main.js"));
}

TEST_CASE("File kinds: what is named on the command line is a script for a shell or Python") {
  CHECK(kind_of("bin/start", "#!/bin/bash\necho\n") == FileKind::shell);
  CHECK(kind_of("bin/start", "#!/usr/bin/env python3\n") == FileKind::python);
  CHECK(kind_of("bin/start", "") == FileKind::python);
  CHECK(kind_of("a/b.yml", "#!/bin/sh\n") == FileKind::yaml);
}

TEST_CASE("File kinds: a file that is no UTF-8 is refused unless it is Python that says so") {
  const std::string latin = "# -*- coding: latin-1 -*-\n# \xe4\n";
  CHECK(decode_file("a.py", latin));
  const auto refused = decode_file("a.sh", latin);
  REQUIRE(!refused);
  CHECK(refused.error() == "line 2: byte 0xe4 is not valid UTF-8: not looked at");
  CHECK(!decode_file("a.json", std::string("{\0}", 3)));
}

TEST_CASE("File kinds: YAML keys, lists and quotes") {
  const auto items = listed(
      "a: 1\n"
      "b:\n"
      "  c: 'x'  # why\n"
      "  \"d\": \"y\"\n"
      "list:\n"
      "- one\n"
      "- two: 2\n"
      "  three: '3'\n"
      "-   - deep\n"
      "after: z\n",
      FileKind::yaml);
  CHECK(items == std::vector<std::string>{"a:", "a/1", "b:", "b/c:", "b/c/x", "b/d:", "b/d/y",
                                          "list:", "list/one", "list/two:", "list/two/2",
                                          "list/three:", "list/three/3", "list/deep",
                                          "after:", "after/z"});
}

TEST_CASE("File kinds: YAML flow collections, also over several lines") {
  CHECK(listed("labels: {a: x, \"b\": 'y', c: [1, two]} # end\nd: 1\n", FileKind::yaml) ==
        std::vector<std::string>{"labels:", "labels/a:", "labels/a/x", "labels/b:", "labels/b/y",
                                 "labels/c:", "labels/c/1", "labels/c/two", "d:", "d/1"});
  CHECK(listed("a: [x,\n  y]\nb: z\n", FileKind::yaml) ==
        std::vector<std::string>{"a:", "a/x", "a/y", "b:", "b/z"});
  // Never closed: nothing is taken from it.
  CHECK(listed("a: [x,\nb: z\n", FileKind::yaml) == std::vector<std::string>{"a:", "b:", "b/z"});
}

TEST_CASE("File kinds: YAML anchors and tags are no part of a value") {
  CHECK(listed("a: &x one\nb: !!str two\nc: x\nd: &y\n  e: f\n", FileKind::yaml) ==
        std::vector<std::string>{"a:", "a/one", "b:", "b/two", "c:", "c/x", "d:", "d/e:", "d/e/f"});
}

TEST_CASE("File kinds: what a YAML alias stands for is listed where it stands") {
  const auto yaml = [](const std::string& text) { return listed(text, FileKind::yaml); };
  auto items = yaml("a: &a\n  k: v\nb: *a\nc:\n  <<: *a\n  d: e\n");
  CHECK(has(items, "b/k:"));
  CHECK(has(items, "b/k/v"));
  CHECK(has(items, "c/k/v"));
  CHECK(has(items, "c/d/e"));
  items = yaml("a: &a x\nb: [*a, {c: *a}]\nd: {<<: *none}\n");
  CHECK(has(items, "b/x"));
  CHECK(has(items, "b/c/x"));
  CHECK(!has(yaml("a: &a x\n---\nb: *a\n"), "b/x"));
  // An alias within what it stands for, and one that stands for more than there is memory.
  CHECK(has(yaml("a: &a\n  k: v\n  b: *a\n"), "a/b/k/v"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    bomb += fmt::format("a{0}: &a{0} [{1}, {1}, {1}, {1}, {1}, {1}, {1}, {1}]\n", i, one);
  }
  CHECK(items_of(bomb, FileKind::yaml, "file").items.size() < 100'000);
}

TEST_CASE("File kinds: YAML scalars of several lines are not plain, block scalars no values") {
  const auto items = listed(
      "a: one\n"
      "  two\n"
      "b: \"one\n"
      "  network-access: ctp\"\n"
      "c: |\n"
      "  network-access: ctp\n"
      "\n"
      "  more: x\n"
      "d: >-\n"
      "  folded: y\n"
      "e: z\n",
      FileKind::yaml);
  CHECK(items == std::vector<std::string>{"a:", "a/one?", "b:", "c:", "d:", "e:", "e/z"});
}

TEST_CASE("File kinds: YAML block scalars that are files of another kind") {
  const auto items = listed(
      "data:\n"
      "  conf.json: |\n"
      "    {\"dag_id\": \"x\"}\n"
      "  args:\n"
      "  - |\n"
      "    echo $NAME\n",
      FileKind::yaml);
  CHECK(has(items, "data/conf.json/dag_id/x"));
  CHECK(has(items, "$data/args/echo/NAME"));
}

TEST_CASE("File kinds: Helm templates are passed over and never plain") {
  const auto items = listed(
      "{{- if .Values.on }}\n"
      "metadata:\n"
      "  name: {{ .Release.Name }}-x\n"
      "  quoted: \"{{ default \"a\" .Values.b }}\"\n"
      "  labels: {{- include \"l\" . | nindent 4 }}\n"
      "    network-access: ctp\n"
      "{{- /* network-access:\n"
      "  external-ips */ -}}\n"
      "{{- end }}\n"
      "kind: Job\n",
      FileKind::yaml);
  CHECK(items == std::vector<std::string>{
                     "metadata:", "metadata/name:", "metadata/name/{{ .Release.Name }}-x?",
                     "metadata/quoted:", "metadata/quoted/{{ default \"a\" .Values.b }}?",
                     "metadata/labels:", "metadata/labels/{{- include \"l\" . | nindent 4 }}?",
                     "metadata/labels/network-access:", "metadata/labels/network-access/ctp",
                     "kind:", "kind/Job"});
}

TEST_CASE("File kinds: YAML with CRLF and a byte order mark") {
  CHECK(listed("\xef\xbb\xbf"
               "a: b\r\nc: 'd' # e\r\n",
               FileKind::yaml) == std::vector<std::string>{"a:", "a/b", "c:", "c/d"});
  CHECK(commented("a: b # c\r\n# d\r\n", FileKind::yaml) == "# c|# d|");
}

TEST_CASE("File kinds: JSON keys, lists and escapes") {
  CHECK(listed(R"({"a": {"b": ["x", 1, true]}, "c": "y\n", "d": "{{ t }}"})", FileKind::json) ==
        std::vector<std::string>{"a:", "a/b:", "a/b/x", "a/b/1", "a/b/true", "c:", "c/y\\n?",
                                 "d:", "d/{{ t }}?"});
  CHECK(listed("{\"a\": {{ .Values.x }}, \"b\": 1}", FileKind::json) ==
        std::vector<std::string>{"a:", "b:", "b/1"});
  CHECK(commented("{ // one\n /* two */ \"a\": 1}", FileKind::json) == "// one|/* two */|");
  CHECK(listed("{\"a\": \"never closed", FileKind::json) == std::vector<std::string>{"a:"});
}

TEST_CASE("File kinds: Dockerfile instructions") {
  const auto items = listed(
      "# syntax=docker/dockerfile:1\n"
      "ARG TAG=latest\n"
      "FROM --platform=linux/amd64 local-only/base:latest AS build\n"
      "LABEL IMAGE=\"viewer\" VERSION=1\n"
      "ENV OLD some value\n"
      "ENV A=b C='d e'\n"
      "COPY --from=build /x /y\n"
      "RUN echo \"$A\" \\\n"
      "  # between\n"
      "  && echo ${C}\n"
      "CMD [\"python3\", \"start.py\"]\n",
      FileKind::dockerfile);
  CHECK(has(items, "ARG/TAG/latest"));
  CHECK(has(items, "FROM/local-only/base:latest"));
  CHECK(has(items, "LABEL/IMAGE/viewer"));
  CHECK(has(items, "LABEL/VERSION/1"));
  CHECK(has(items, "ENV/OLD:"));
  CHECK(has(items, "ENV/A/b"));
  CHECK(has(items, "ENV/C/d e"));
  CHECK(has(items, "COPY/--from/build"));
  CHECK(has(items, "$RUN/echo/A"));
  CHECK(has(items, "$RUN/echo/C"));
  CHECK(has(items, "CMD/start.py"));
}

TEST_CASE("File kinds: what a heredoc of a Dockerfile holds is no instruction") {
  const auto items = listed("RUN <<EOF\nFROM x\nEOF\nENV A=1\n", FileKind::dockerfile);
  CHECK(items == std::vector<std::string>{"RUN:", "ENV:", "ENV/A:", "ENV/A/1"});
}

TEST_CASE("File kinds: shell words, quotes and variables") {
  const auto items = listed(
      "#!/bin/bash\n"
      "DAG_ID='my-dag'; export X=\"y\"\n"
      "airflow dags trigger \"my-dag\" --conf '{\"conf\": {\"k\": \"v\"}}' # note\n"
      "echo \"$A ${B:-$C} \\$D\" '$E' pre\"fix\" | jq -r '.form_data'\n"
      "x=$(cat \"$F\")\n",
      FileKind::shell);
  CHECK(has(items, "DAG_ID/my-dag"));
  CHECK(has(items, "X/y"));
  CHECK(has(items, "airflow/my-dag"));
  CHECK(std::ranges::any_of(items,
                            [](const std::string& line) { return line.ends_with("/conf/k/v"); }));
  CHECK(has(items, "$echo/A"));
  CHECK(has(items, "$echo/B"));
  CHECK(has(items, "$echo/C"));
  CHECK(!has(items, "$echo/D"));
  CHECK(!has(items, "$echo/E"));
  CHECK(has(items, "echo/pre\"fix\"?"));
  CHECK(has(items, "jq/.form_data"));
  CHECK(has(items, "$cat/F"));
  CHECK(commented("a # b\nc#d\n# e\r\n", FileKind::shell) == "# b|# e|");
}

TEST_CASE("File kinds: heredocs of a shell have variables, but no words") {
  CHECK(listed("cat <<EOF\nword $A\nEOF\nend\n", FileKind::shell) ==
        std::vector<std::string>{"cat", "$A", "end"});
  CHECK(listed("cat <<-'EOF'\nword $A\n\tEOF\nend\n", FileKind::shell) ==
        std::vector<std::string>{"cat", "end"});
}

TEST_CASE("File kinds: odd ends of shell scripts") {
  for (const char* text : {"'", "\"", "\\", "$", "${", "${A", "$(", "`", "a=", "<<", "<<E", "{{",
                           "\"{{", "$((1", "a\\", "x=\"$(", "{", "}"}) {
    INFO(text);
    for (const FileKind kind : {FileKind::shell, FileKind::dockerfile, FileKind::yaml,
                                FileKind::json, FileKind::script}) {
      const std::string all = text;
      for (const Item& item : items_of(all, kind, "x").items) {
        CHECK(item.range.begin <= item.content.begin);
        CHECK(item.content.end <= item.range.end);
        CHECK(item.range.end <= all.size());
      }
    }
  }
}

TEST_CASE("File kinds: scripts") {
  const auto items = listed(
      "const dagId = 'a' // why\n"
      "call('b', { dag_id: \"c\", 'conf': { form_data: `d` } });\n"
      "if (x.dag_id === 'e' || y.conf[\"form_data\"]) { z = /['\"]/.test(w); }\n"
      "const t = `pre ${'f'} post`; const list = ['g'];\n"
      "let s = 'it\\'s'\n",
      FileKind::script, "a.ts");
  CHECK(has(items, "dagId/a"));
  CHECK(has(items, "call/b"));
  CHECK(has(items, "call/dag_id/c"));
  CHECK(has(items, "call/conf/form_data:"));
  CHECK(has(items, "call/conf/form_data/d"));
  CHECK(has(items, "x/dag_id/e"));
  CHECK(has(items, "y/conf/form_data"));
  CHECK(has(items, "list/g"));
  CHECK(has(items, "s/it\\'s?"));
  CHECK(commented("a // b\n/* c */ '// d'\n", FileKind::script) == "// b|/* c */|");
}

TEST_CASE("File kinds: Vue components have attributes and scripts") {
  const auto items = listed(
      "<template>\n"
      "  <!-- 'no' -->\n"
      "  <v-btn dag-id=\"one\" :id=\"'two'\" @click=\"start('three')\">don't 'four'</v-btn>\n"
      "</template>\n"
      "<script lang=\"ts\">\n"
      "const dag = 'five'\n"
      "</script>\n"
      "<style>a { content: 'six' }</style>\n",
      FileKind::script, "A.vue");
  CHECK(has(items, "dag-id/one"));
  CHECK(has(items, ":id/two"));
  CHECK(has(items, "start/three"));
  CHECK(has(items, "dag/five"));
  for (const std::string& line : items) {
    CHECK(!line.contains("four"));
    CHECK(!line.contains("six"));
    CHECK(!line.contains("no"));
  }
}

TEST_CASE("Notebooks: code cells are one text, and places are found back") {
  const std::string json = R"({"cells": [
  {"cell_type": "markdown", "source": ["from x import y"]},
  {"cell_type": "code", "metadata": {}, "source": [
    "a = \"\u00e4\"\n",
    "%matplotlib inline\n",
    "b = 1"
  ], "outputs": []},
  {"cell_type": "code", "source": "c = 2\nd = 3"}
], "metadata": {"kernelspec": {"name": "python3", "language": "python"}}})";
  const auto notebook = Notebook::read(json);
  REQUIRE(notebook);
  CHECK(notebook->code() == "a = \"\xc3\xa4\"\n#matplotlib inline\nb = 1\nc = 2\nd = 3\n");
  REQUIRE(notebook->cells().size() == 2);
  CHECK(notebook->cells()[0].number == 2);
  CHECK(notebook->cells()[1].number == 3);
  const auto place = [&](std::string_view code) {
    const auto at = static_cast<std::uint32_t>(notebook->code().find(code));
    const ByteRange range =
        notebook->in_file(ByteRange{at, at + static_cast<std::uint32_t>(code.size())});
    return json.substr(range.begin, range.size());
  };
  CHECK(place("b = ") == "b = ");
  CHECK(place("d = ") == "d = ");
  CHECK(place("\"\xc3\xa4") == R"(\"\u00e4)");
}

TEST_CASE("Notebooks: edits are escaped and keep one line a string") {
  const std::string json =
      "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n"
      "    \"import a\\n\",\n"
      "    \"b = 1\"\n"
      "  ]}]}";
  const auto notebook = Notebook::read(json);
  REQUIRE(notebook);
  const auto edited = [&](ByteRange range, const std::string& text) -> std::string {
    const auto edit = notebook->in_file(Edit{range, text});
    if (!edit) return "refused";
    std::string result = json;
    return result.replace(edit->range.begin, edit->range.size(), edit->text);
  };
  // A line in front of the second one.
  CHECK(edited({9, 9}, "import \"c\"\n") ==
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n"
        "    \"import a\\n\",\n"
        "    \"import \\\"c\\\"\\n\",\n"
        "    \"b = 1\"\n"
        "  ]}]}");
  // The first line goes.
  CHECK(edited({0, 9}, "") ==
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n"
        "    \"b = 1\"\n"
        "  ]}]}");
  CHECK(edited({13, 14}, "\\") ==
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n"
        "    \"import a\\n\",\n"
        "    \"b = \\\\\"\n"
        "  ]}]}");
}

TEST_CASE("Notebooks: what is for IPython or another language is not Python") {
  const auto code = [](const std::string& source) {
    const auto notebook =
        Notebook::read("{\"cells\": [{\"cell_type\": \"code\", \"source\": \"" + source + "\"}]}");
    return notebook ? notebook->code() : "none";
  };
  CHECK(code("!pip install x\\ny = 1") == "#pip install x\ny = 1\n");
  CHECK(code("%%bash\\necho 'x\\ny") == "#%bash\n#cho 'x\n#\n");
  CHECK(code("%%time\\nx = 1") == "#%time\nx = 1\n");
  CHECK(code("if a:\\n    !ls -la\\n") == "if a:\n    pass#  \n\n");
  CHECK(code("print?") == "#rint?\n");
  CHECK(!Notebook::read(R"({"cells": [{"cell_type": "code", "source": "x <- 1"}],
                            "metadata": {"language_info": {"name": "R"}}})"));
  CHECK(!Notebook::read("{\"cells\": ["));
  CHECK(!Notebook::read("[]"));
}

TEST_CASE("File kinds: files that end anywhere have items within them") {
  namespace fs = std::filesystem;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(DAGFIX_SOURCE_DIR) / "fixtures" / "rules")) {
    const auto kind = kind_of_name(entry.path().filename().string());
    if (!entry.is_regular_file() || !kind || *kind == FileKind::python) continue;
    INFO(entry.path().filename());
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    const std::string all = content.str();
    for (std::size_t size = 0; size < all.size(); ++size) {
      const std::string text = all.substr(0, size);
      if (*kind == FileKind::notebook) {
        CHECK((!Notebook::read(text) || size + 1 == all.size()));
        continue;
      }
      std::uint32_t index = 0;
      const FileItems file = items_of(text, *kind, entry.path().string());
      for (const Item& item : file.items) {
        const bool is_of_anchor = std::ranges::find(file.shared, item.content) != file.shared.end();
        const bool is_within = (item.range.contains(item.content) || is_of_anchor) &&
                               item.content.end <= size && item.range.end <= size;
        const bool is_below = item.parent == Item::kNone || item.parent < index;
        if (!is_within || !is_below)
          FAIL_CHECK("an item at " << item.range.begin << " of " << size);
        ++index;
      }
    }
  }
}
