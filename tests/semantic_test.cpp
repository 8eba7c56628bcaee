#include "support/catch.hpp"
#include "support/model.hpp"

using namespace dagfix;

namespace {

constexpr const char* kClass = "kaapana.operators.LocalMinioOperator.LocalMinioOperator";
const std::string kImport = "from kaapana.operators.LocalMinioOperator import LocalMinioOperator\n";

std::string text_of(const Parsed& code, std::string_view name) {
  const auto constant = code.model.constant(code.last(name));
  return constant ? constant->value : "-";
}

}  // namespace

TEST_CASE("Semantic: every form of import leads to the class") {
  CHECK(Parsed(kImport + "LocalMinioOperator()").meaning("LocalMinioOperator") == kClass);
  CHECK(Parsed("from kaapana.operators.LocalMinioOperator import LocalMinioOperator as M\nM()")
            .meaning("M") == kClass);
  CHECK(Parsed("import kaapana.operators.LocalMinioOperator as m\nm.LocalMinioOperator()")
            .meaning("m.LocalMinioOperator") == kClass);
  CHECK(Parsed("import kaapana.operators.LocalMinioOperator\n"
               "kaapana.operators.LocalMinioOperator.LocalMinioOperator()")
            .meaning("kaapana.operators.LocalMinioOperator.LocalMinioOperator") == kClass);
  CHECK(Parsed("from kaapana.operators import LocalMinioOperator as m\nm.LocalMinioOperator()")
            .meaning("m.LocalMinioOperator") == kClass);
  CHECK(Parsed("from kaapana.operators.LocalMinioOperator import *\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == kClass);
  CHECK(Parsed("from kaapana.operators.LocalMinioOperator import (\n  LocalMinioOperator,\n)\n"
               "LocalMinioOperator()")
            .meaning("LocalMinioOperator") == kClass);
}

TEST_CASE("Semantic: a name that something else binds is not the class") {
  CHECK(Parsed("class LocalMinioOperator: pass\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == "-");
  CHECK(Parsed(kImport + "def f(LocalMinioOperator):\n  LocalMinioOperator()")
            .meaning("LocalMinioOperator") == "-");
  CHECK(Parsed(kImport + "LocalMinioOperator = 1\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == "-");
  CHECK(Parsed(kImport + "del LocalMinioOperator\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == "-");
  CHECK(Parsed(kImport + "[LocalMinioOperator() for LocalMinioOperator in x]")
            .meaning("LocalMinioOperator") == "-");
  CHECK(Parsed("def f():\n  from kaapana.operators.LocalMinioOperator import LocalMinioOperator\n"
               "LocalMinioOperator()")
            .meaning("LocalMinioOperator") == "-");
}

TEST_CASE("Semantic: what may be something else is not certain") {
  CHECK(Parsed(kImport + "if x:\n  LocalMinioOperator = None\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == std::string(kClass) + "?");
  CHECK(Parsed("try:\n  from kaapana.operators.LocalMinioOperator import LocalMinioOperator\n"
               "except ImportError:\n  LocalMinioOperator = None\nLocalMinioOperator()")
            .meaning("LocalMinioOperator") == std::string(kClass) + "?");
  CHECK(Parsed(kImport + "def f():\n  global LocalMinioOperator\n  LocalMinioOperator = 1\n"
                         "LocalMinioOperator()")
            .meaning("LocalMinioOperator") == std::string(kClass) + "?");
  const Parsed loop(kImport + "for i in x:\n  LocalMinioOperator()\n  LocalMinioOperator = 1\n");
  REQUIRE(loop.model.uses().size() == 1);
  CHECK_FALSE(loop.model.uses()[0].symbol.certain);
}

TEST_CASE("Semantic: the binding that is in force at a place counts") {
  const Parsed before(kImport + "LocalMinioOperator(1)\nLocalMinioOperator = 1\n");
  CHECK(before.model.uses().size() == 1);
  const Parsed type_checking("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  " + kImport +
                             "x: LocalMinioOperator\n");
  CHECK(type_checking.meaning("LocalMinioOperator") == kClass);
  const Parsed in_function("def f():\n  " + kImport + "  LocalMinioOperator()\n");
  CHECK(in_function.meaning("LocalMinioOperator") == kClass);
  const Parsed in_class("class A:\n  " + kImport +
                        "  x = LocalMinioOperator()\n  def f(self):\n"
                        "    LocalMinioOperator()\n");
  CHECK(in_class.meaning("LocalMinioOperator") == "-");
  REQUIRE(in_class.model.uses().size() == 1);
}

TEST_CASE("Semantic: aliases are followed") {
  const Parsed code(kImport + "Put = LocalMinioOperator\nPut()\n");
  CHECK(code.meaning("Put") == kClass);
  CHECK(code.model.resolve(code.last("Put"))->through_alias);
  CHECK(Parsed(kImport + "A = B = LocalMinioOperator\nA()\n").meaning("A") == kClass);
  CHECK(Parsed(kImport + "A, B = LocalMinioOperator, 2\nA()\n").meaning("A") == kClass);
  CHECK(Parsed("x = x\nx()\n").meaning("x") == "-");
}

TEST_CASE("Semantic: relative imports are the project's own") {
  const Parsed own("from .LocalMinioOperator import LocalMinioOperator\nLocalMinioOperator()",
                   "dags/flow/dag.py");
  CHECK(own.meaning("LocalMinioOperator") == "dags.flow.LocalMinioOperator.LocalMinioOperator");
  const Parsed kaapana("from .LocalMinioOperator import LocalMinioOperator\nLocalMinioOperator()",
                       "x/plugin/kaapana/operators/Y.py");
  CHECK(kaapana.meaning("LocalMinioOperator") == kClass);
}

TEST_CASE("Semantic: strings are known through names and joining") {
  CHECK(text_of(Parsed("a = 'x'\nprint(a)"), "a") == "x");
  CHECK(text_of(Parsed("a = 'x' 'y'\nprint(a)"), "a") == "xy");
  CHECK(text_of(Parsed("a = 'x' + \"y\"\nprint(a)"), "a") == "xy");
  CHECK(text_of(Parsed("a = ('x'\n     'y')\nprint(a)"), "a") == "xy");
  CHECK(text_of(Parsed("a = f'x{{'\nprint(a)"), "a") == "x{");
  CHECK(text_of(Parsed("a = f'x{y}'\nprint(a)"), "a") == "-");
  CHECK(text_of(Parsed("a = b'x'\nprint(a)"), "a") == "-");
  CHECK(text_of(Parsed("a = r'\\n'\nprint(a)"), "a") == "\\n");
  CHECK(text_of(Parsed("a = '\\x41\\u00e4\\101\\n'\nprint(a)"), "a") ==
        "A\xc3\xa4"
        "A\n");
  CHECK(text_of(Parsed("a = 'x'\nb = a\nprint(b)"), "b") == "x");
  CHECK(text_of(Parsed("a = 'x'\nif y:\n  a = 'z'\nprint(a)"), "a") == "-");
  CHECK(text_of(Parsed("a = 'x'\na += 'z'\nprint(a)"), "a") == "-");
}

TEST_CASE("Semantic: objects are known by the call that made them") {
  const std::string import = "from kaapana.operators.HelperMinio import HelperMinio\n";
  const auto instance = [](const Parsed& code, std::string_view text) -> std::string {
    const auto symbol = code.model.instance_of(code.last(text));
    return symbol ? symbol->path.substr(symbol->path.rfind('.') + 1) + (symbol->certain ? "" : "?")
                  : "-";
  };
  CHECK(instance(Parsed(import + "x = HelperMinio()\nx.put()"), "x") == "HelperMinio");
  CHECK(instance(Parsed(import + "def f(x: HelperMinio):\n  x.put()"), "x") == "HelperMinio");
  CHECK(instance(Parsed(import + "class A:\n  def a(self):\n    self.c = HelperMinio()\n"
                                 "  def b(self):\n    self.c.put()"),
                 "self.c") == "HelperMinio");
  CHECK(instance(Parsed(import + "class A:\n  def a(self, o):\n    self.c = HelperMinio()\n"
                                 "    self.c = o\n  def b(self):\n    self.c.put()"),
                 "self.c") == "HelperMinio?");
  CHECK(instance(Parsed(import + "x = 1\nx.put()"), "x") == "-");
  CHECK(instance(Parsed(import + "x = None\nif y:\n  x = HelperMinio()\nx.put()"), "x") ==
        "HelperMinio");
}

TEST_CASE("Semantic: unresolved names are those that nothing binds") {
  const Parsed code(
      "import a\nfor b in a: print(b, c, len, __file__)\nclass D:\n  x = 1\n  y = x\n");
  CHECK(code.model.unresolved_names() == std::vector<std::string_view>{"c"});
}

TEST_CASE("Semantic: a lambda in a comprehension in a class finds its names") {
  const Parsed code("class A:\n  n = 3\n  f = [lambda q: q + z for z in range(n)]\n");
  CHECK(code.model.unresolved_names().empty());
}
