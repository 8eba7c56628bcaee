#include <fmt/format.h>
#include <tree_sitter/api.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "syntax/builder.hpp"
#include "syntax/tree.hpp"
#include "syntax/tree_builder.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

using namespace dagfix;

namespace {

std::string first_error(std::string_view code) {
  const SyntaxTree tree = SyntaxTree::parse(code);
  return tree.errors().empty() ? "" : tree.errors().front().message;
}

#ifdef DAGFIX_PINNED_TREE_SITTER
using Copy = void (*)(const TSTree*, TreeBuilder&);

ParserPtr plain_parser() {
  ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), tree_sitter_python());
  return parser;
}

/// All that a tree says of each node, and its errors.
std::vector<std::string> described(const SyntaxTree& tree) {
  std::vector<std::string> lines;
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    lines.push_back(fmt::format("{} {}-{} {} {} {} {} {}", name_of(node.kind()), node.begin(),
                                node.end(), static_cast<int>(node.field()), node.named(),
                                node.parent().id(), node.next_sibling().id(),
                                tree.subtree_end(id)));
  }
  for (const SyntaxError& error : tree.errors()) {
    lines.push_back(fmt::format("{}-{} {}", error.range.begin, error.range.end, error.message));
  }
  return lines;
}

std::vector<std::string> copied(std::string_view code, TSParser* parser, Copy copy) {
  const auto size = static_cast<std::uint32_t>(code.size());
  const TreePtr source(ts_parser_parse_string(parser, nullptr, code.data(), size));
  SyntaxTree tree;
  TreeBuilder builder(tree, code);
  copy(source.get(), builder);
  builder.note_errors();
  return described(tree);
}

/// Right code that can be read in several ways at first.
const std::vector<std::string> kForkingTexts = {
    "print(a)\nprint\nprint(*a, **b)\nprint -1\nprint[0]\nprint(a, end='')\n",
    "if x:\n    print('a')",
    "exec('x')\nexec = 1\n",
    "match = 1\nmatch(x)\nmatch[x]\nmatch * y\nmatch -x\nmatch, case = x\nmatch.a = 1\n",
    "match x:\n  case [1, *_]: pass\n  case {'a': b, **c} | None if d: pass\n  case _: pass\n",
    "match x, y:\n  case A.b(c, d=e) as f: pass\nmatch (x):\n  case -1 | 'a' 'b': pass\n",
    "type X[T] = int\ntype = 3\ntype(x)\ntype[x]\n",
    "a, b = c, d\n(a, b), [c, *d] = e\n[a, [b]] = c\na, = b\n*a, b = c\nx\n",
    "for a, (b, *c) in d, e:\n  pass\nfor a[0], b.c in d: pass\n",
    "with a, b as c: pass\nwith (a, b): pass\nwith (a as b, c as d,): pass\nwith (a): pass\n",
    "with (a, b) as c: pass\nwith (yield a) as b, c: pass\nwith open(a) as b, open(c) as d: e\n",
    "f(*a, b, *c, **d)\nf(a, (*b, c), [*d], {*e, **f})\nf(*a or b)\nf((yield))\nx = *a, b\nx\n",
    "(a := b)\n[a for (b, c) in d if (e := f)]\nwith (a := b) as c: pass\n",
    "try: a\nexcept* (A, B) as c: d\nexcept (E, F): g\nelse: h\nfinally: i\n",
    "lambda a, *b, c=1, **d: (a, *b)\nlambda *, a: a\nlambda: (yield)\n",
    "def f(a, /, b: int = 1, *, c, **d) -> (e, f):\n  nonlocal a, b\n  return *a, b\n",
    "x = f'{a!r:>{b}}{c=}' rf'\\{d}' b'\\x00' '''e\n''' \\\n  'f'\n",
    "async def f():\n  async for a, b in c: await d\n  return [e async for e in f]\nawait x\n",
    "if a: b; c;\nelif d:\n# e\n  f\n  # g\nelse:\n\th\n # i\nj\n",
    "@a.b(c)\nclass A(B, metaclass=C): 'd'; x: int\n\n\n@e\nasync def f(): ...\n",
    "del a, (b), c[d]\nassert a, b\nraise A from b\nglobal a, b\nimport a.b as c, d\n",
    "from . import (a as b,\n  c, # d\n)\nfrom ..x import *\nfrom __future__ import a, b\n",
    "not a in b is not c not in d\na if b else c\na < b <= c != d\n-a ** -b @ c // d\n",
    "x[a:b:c, ::d, ...] = y\nx[*a, b]\nx[a:=b]\na = b = yield\na: int\na += b, c\nx\n",
    "\xc3\xa4\xc3\xb6 = '\xe2\x82\xac' # \xc3\xbc\nprint(\xc3\xa4, *\xc3\xb6)\n",
    "x = (\n  a # b\n  # c\n  , d)\nprint( # e\n  f)\n# g"};

/// What the lean parser makes of a text. Empty: it leaves it to tree-sitter.
std::optional<std::vector<std::string>> lean(std::string_view code) {
  const auto tree = TreeBuilder::parse(code, code);
  if (!tree) return std::nullopt;
  return described(*tree);
}

/// Whether tree-sitter had to skip something, or to add it.
bool has_error(std::string_view code, TSParser* parser) {
  const auto size = static_cast<std::uint32_t>(code.size());
  const TreePtr source(ts_parser_parse_string(parser, nullptr, code.data(), size));
  return ts_node_has_error(ts_tree_root_node(source.get()));
}

/// The text without one of its lines, with one of them twice, and with one of its words left out.
std::vector<std::string> changed(const std::string& text, std::size_t at) {
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
  const std::string before = text.substr(0, begin);
  const std::string line = text.substr(begin, end - begin);
  const std::string after = text.substr(end);
  const std::size_t word = std::min(text.find(' ', at), text.size());
  const std::size_t next = std::min(text.find(' ', word), text.size() - 1) + 1;
  return {before + after, before + line + line + after,
          text.substr(0, word) + text.substr(std::min(text.find(' ', next), text.size()))};
}

std::vector<std::string> python_files_of_the_project() {
  namespace fs = std::filesystem;
  std::vector<std::string> texts;
  for (const fs::path folder : {"fixtures", "bench", "tests"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(DAGFIX_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".py") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  return texts;
}
#endif

}  // namespace

#ifdef DAGFIX_PINNED_TREE_SITTER
TEST_CASE("Syntax: the fast parser and the fast copy make what tree-sitter makes") {
  std::vector<std::string> texts = python_files_of_the_project();
  REQUIRE(texts.size() > 50);
  texts.insert(texts.end(),
               {"",
                "\n",
                "# only\n",
                "\n\n  x = 1\n",
                "def f(:\n  pass\n",
                "x = (1,\n",
                "if x:\nelse: y\n",
                "print 'a' , b\nexec 'x' in y\n",
                "try: x\nexcept A, e: y\n",
                "a <> b\n",
                "f'{x!r:>{w}} {{'\n",
                "match x:\n  case A(b=c): d\n",
                "class A[T](B, metaclass=C):\n  x: int = 1  # c\n\n  # d\n",
                "async def f(*a, b: int = 1, **k) -> None:\n  async with a as b: await c\n",
                "x = [i async for i in y if not z]\\\n + 1\n",
                "print(\"a\n",
                "\xef\xbb\xbfx = 1",
                "x = '\xc3\xa4' # \xe2\x82\xac\r\n\ty\xc3\xb6 = 1\f\n",
                "x = \"\"\"\n\xff\n\"\"\" # \xc3",
                "if x:\r\n\tif y:\r\n\t    z\r\n        w\r\n",
                std::string(2100, '~') + "x\n"});
  texts.insert(texts.end(), kForkingTexts.begin(), kForkingTexts.end());
  // Wrong code of all kinds: every text with a part of it left out.
  for (std::size_t i = 0, count = texts.size(); i < count; ++i) {
    const std::string& text = texts[i];
    texts.push_back(text.substr(0, text.size() / 3) + text.substr(text.size() / 2));
  }
  for (const std::string& text : texts) {
    INFO(text.substr(0, 200));
    const auto expected = copied(text, plain_parser().get(), copy_with_cursor);
    REQUIRE(copied(text, plain_parser().get(), copy_subtrees) == expected);
    REQUIRE(copied(text, make_fast_parser().get(), copy_subtrees) == expected);
    if (const auto nodes = lean(text)) REQUIRE(*nodes == expected);
  }
}

TEST_CASE("Syntax: the lean parser makes what tree-sitter makes of code with small changes") {
  std::vector<std::string> texts = python_files_of_the_project();
  texts.insert(texts.end(), kForkingTexts.begin(), kForkingTexts.end());
  const ParserPtr parser = make_fast_parser();
  std::size_t count = 0;
  std::size_t left = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    for (const std::string& text : changed(texts[i], texts[i].size() * (i % 7) / 8)) {
      INFO(text);
      const auto nodes = lean(text);
      if (nodes) REQUIRE(*nodes == copied(text, parser.get(), copy_subtrees));
      left += nodes ? 0 : 1;
      ++count;
    }
  }
  CHECK(left > 0);
  CHECK(left < count / 2);
}

TEST_CASE("Syntax: the lean parser leaves wrong code to tree-sitter, and hardly any other") {
  const ParserPtr parser = make_fast_parser();
  const std::vector<std::string> texts = python_files_of_the_project();
  std::size_t left = 0;
  for (const std::string& text : texts) {
    INFO(text.substr(0, 200));
    const bool is_read = lean(text).has_value();
    if (has_error(text, parser.get())) {
      CHECK_FALSE(is_read);
    } else {
      left += is_read ? 0 : 1;
    }
  }
  CHECK(left * 50 < texts.size());
  for (const std::string& text : kForkingTexts) {
    INFO(text);
    CHECK(lean(text));
  }
  // At the end of the text tree-sitter compares two whole trees, node by node.
  CHECK_FALSE(lean("a = b, c\n"));
}
#endif

TEST_CASE("Syntax: every named symbol of the grammar has a kind") {
  std::set<std::string> known;
#define DAGFIX_KIND(name, text) known.insert(text);
  DAGFIX_NODE_KINDS(DAGFIX_KIND)
#undef DAGFIX_KIND
  const TSLanguage* language = tree_sitter_python();
  for (std::uint32_t i = 0; i < ts_language_symbol_count(language); ++i) {
    const auto symbol = static_cast<TSSymbol>(i);
    if (ts_language_symbol_type(language, symbol) != TSSymbolTypeRegular) continue;
    INFO(ts_language_symbol_name(language, symbol));
    CHECK(known.contains(ts_language_symbol_name(language, symbol)));
  }
}

TEST_CASE("Syntax: fields have the numbers that the grammar gives them") {
  const TSLanguage* language = tree_sitter_python();
  const auto number = [&](std::string_view name) {
    return ts_language_field_id_for_name(language, name.data(),
                                         static_cast<std::uint32_t>(name.size()));
  };
  CHECK(number("alias") == static_cast<int>(Field::alias));
  CHECK(number("function") == static_cast<int>(Field::function));
  CHECK(number("operator") == static_cast<int>(Field::operator_));
  CHECK(number("value") == static_cast<int>(Field::value));
  CHECK(ts_language_field_count(language) == static_cast<unsigned>(Field::value));
}

TEST_CASE("Syntax: the flat tree has the relations of the real one") {
  const SyntaxTree tree = SyntaxTree::parse("f(a, b=1)\ng()\n");
  const Node call = tree.root().first_child().first_child();
  REQUIRE(call.is(Kind::call));
  CHECK(call.child(Field::function).text() == "f");
  const auto arguments = call.child(Field::arguments).named_children();
  REQUIRE(arguments.size() == 2);
  CHECK(arguments[0].text() == "a");
  CHECK(arguments[1].child(Field::name).text() == "b");
  CHECK((arguments[1].parent().parent() == call));
  CHECK(call.encloses(arguments[1]));
  CHECK(tree.root().first_child().next_sibling().text() == "g()");
  CHECK(tree.root().parent().is(Kind::null));
}

TEST_CASE("Syntax: wrong text gives errors with a place") {
  CHECK(first_error("x = 1\n").empty());
  CHECK_FALSE(first_error("def f(:\n  pass\n").empty());
  CHECK_FALSE(first_error("x = (1\n").empty());
  CHECK(first_error("print 'a'\n") == "Python 2 print statement");
  CHECK(first_error("exec 'a'\n") == "Python 2 exec statement");
  CHECK(first_error("if a <> b: pass\n") == "Python 2 operator '<>'");
  CHECK(first_error("try:\n  pass\nexcept E, e:\n  pass\n").starts_with("Python 2 except"));
  CHECK(first_error("for x in y:\n  # nothing\nz = 1\n") == "expected an indented block");
  CHECK(first_error("if x: # one\n  # two\n  pass\n").empty());
}

TEST_CASE("Syntax: what Python 3 refuses and the grammar takes") {
  struct Case {
    std::string_view code;
    std::string_view message;  // empty: Python takes it
  };
  const Case cases[] = {
      {"os.chmod(x, 0777)", "Python 2 octal number: write '0o' instead of '0'"},
      {"x = [0, 00, 0_0, 0o17, 0x1F, 1_000, 0777.5, 07e1, 0777j]", ""},
      {"x = 10L", "Python 2 long integer"},
      {"y = `x`", "Python 2 backquotes: write repr()"},
      {"x = ur'a'", "Python 2 string prefix 'ur'"},
      {"x = [u'a', rb'a', Rb'b', fr'{a}', F'a']", ""},
      {"raise E, 'x'", "Python 2 raise statement: write the value in parentheses"},
      {"raise E('x') from None", ""},
      {"def f((a, b)): pass", "Python 2 tuple of parameters"},
      {"f = lambda (a, b): 1", "Python 2 tuple of parameters"},
      {"f(a=1, 2)", "positional argument follows keyword argument"},
      {"f(**a, *b)", "positional argument follows keyword argument"},
      {"f(1, *b, a=1, *c, **d, e=2, **g)", ""},
      {"def f(a=1, b): pass", "parameter without a default follows one with a default"},
      {"def f(a, /, b=1, *c, d, **e): pass", ""},
      {"def f(a: int = 1, *, b: int): pass", ""},
      {"def f(a=1, *c: int, d: int): pass", ""},
      {"try:\n  pass", "'try' without 'except' or 'finally'"},
      {"try:\n  pass\nexcept* E:\n  pass", ""},
      {"try:\n  pass\nfinally:\n  pass", ""},
      {"def f():\n        x = 1\n    y = 2", "unindent does not match any outer indentation level"},
      {"class A:\n  def f(self):\n      pass\n    def g(self): pass",
       "unindent does not match any outer indentation level"},
      {"if 1:\n\tx = 1\n        y = 2", "inconsistent use of tabs and spaces in indentation"},
      {"if 1:\n  x = 1; y = 2\n\n # here\n  z = 3; \\\n w = 4", ""},
      {"if 1: \\\n    x = 1\nelse:\n\tx = 2\n\ty = 3", ""},
  };
  for (const auto& [code, message] : cases) {
    INFO(code);
    CHECK(first_error(std::string(code) + "\n") == message);
  }
}

TEST_CASE("Syntax: a backslash at the end of a line is no argument") {
  const SyntaxTree tree = SyntaxTree::parse("f(a, \\\n  b)\n");
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::argument_list)) CHECK(node.named_children().size() == 2);
  }
  CHECK(tree.errors().empty());
}

TEST_CASE("Syntax: nesting is bounded and never recursive") {
  const std::string brackets = "x = " + std::string(100000, '[') + std::string(100000, ']') + "\n";
  CHECK(first_error(brackets).find("nested") != std::string::npos);
  std::string chain = "x = a";
  for (int i = 0; i < 20000; ++i) chain += ".b";
  CHECK(first_error(chain + "\n").find("nested") != std::string::npos);
  std::string sum = "x = 'a'";
  for (int i = 0; i < 500; ++i) sum += " + 'a'";
  CHECK(first_error(sum + "\n").empty());
  std::string blocks;
  for (std::size_t i = 0; i < 600; ++i) blocks += std::string(i, ' ') + "if a:\n";
  blocks += std::string(600, ' ') + "pass\n";
  CHECK(first_error(blocks).find("indented") != std::string::npos);
}

TEST_CASE("Syntax: line ends of old Macs end lines") {
  const SyntaxTree tree = SyntaxTree::parse("# comment\rx = 1\ry = 2\r");
  CHECK(tree.errors().empty());
  CHECK(tree.root().named_children().size() == 2);
  CHECK(tree.root().named_children()[1].text() == "y = 2");
}

TEST_CASE("Syntax: newer Python is no error") {
  CHECK(first_error("match x:\n  case A(b, c=d): pass\n  case [e, *f]: pass\n").empty());
  CHECK(first_error("type X = int\n").empty());
  CHECK(first_error("def f[T](x: T) -> T: ...\n").empty());
  CHECK(first_error("x = f'{d[\"a\"]!r:>{w}}'\n").empty());
  CHECK(first_error("with (open(a) as f, open(b) as g):\n  pass\n").empty());
}
