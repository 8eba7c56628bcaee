#include "project/import_lines.hpp"

#include <optional>
#include <string>
#include <vector>

#include "project/needs_facts.hpp"
#include "support/catch.hpp"

using namespace dagfix;

namespace {

// "module: name as alias, name" for each import of a text.
std::vector<std::string> imports(std::string_view text) {
  std::vector<std::string> found;
  for_each_import(text, [&](const ImportLine& line) {
    std::string shown = std::string(line.module) + ":";
    for (const auto& [name, alias] : line.items) {
      shown += ' ' + std::string(name);
      if (!alias.empty()) shown += " as " + std::string(alias);
    }
    found.push_back(shown);
  });
  return found;
}

using Lines = std::vector<std::string>;

FactWords words() {
  FactWords result;
  result.dag_ids = {"old-dag"};
  result.variables = {"OLD_VARIABLE"};
  result.names = {"LocalReader"};
  return result;
}

bool needs(std::string_view text,
           const std::string& ops = "from kaapana.operators.LocalReader import LocalReader\n") {
  const Project project({"dags/dag.py", "dags/ops.py"},
                        [&](const std::string&) -> std::optional<std::string> { return ops; });
  return FactSearch(words()).needs_facts(text, project, "dags/dag.py");
}

}  // namespace

TEST_CASE("Import lines: all forms") {
  CHECK(imports("import a") == Lines{": a"});
  CHECK(imports("import a.b as c, d\n") == Lines{": a.b as c d"});
  CHECK(imports("from a.b import c as d, e\n") == Lines{"a.b: c as d e"});
  CHECK(imports("from a import *\n") == Lines{"a: *"});
  CHECK(imports("from . import a\n") == Lines{".: a"});
  CHECK(imports("from ..a.b import c\n") == Lines{"..a.b: c"});
  CHECK(imports("from .. a import c\n") == Lines{".. a: c"});
  CHECK(imports("  from a import b\n\timport c\n") == Lines{"a: b", ": c"});
}

TEST_CASE("Import lines: statements over several lines") {
  CHECK(imports("from a import (b,\n  c as d,  # not e\n  # nor f\n)\nimport g\n") ==
        Lines{"a: b c as d", ": g"});
  CHECK(imports("from a import (\r\n  b,\r\n)\r\nimport c\r\n") == Lines{"a: b", ": c"});
  CHECK(imports("from a \\\n  import b, \\\r\n  c\nimport d\n") == Lines{"a: b c", ": d"});
  CHECK(imports("import a\rimport b\r") == Lines{": a", ": b"});
}

TEST_CASE("Import lines: what is none") {
  CHECK(imports("") == Lines{});
  CHECK(imports("# import a\n") == Lines{});
  CHECK(imports("x = 1; import a\n") == Lines{});
  CHECK(imports("important = 1\nfromage = 2\nfrom_import = 3\n") == Lines{});
  CHECK(imports("importlib.import_module('a')\n") == Lines{});
  CHECK(imports("yield from imports\n") == Lines{});
}

TEST_CASE("Import lines: text that breaks off") {
  CHECK(imports("import") == Lines{});
  CHECK(imports("from . import") == Lines{});
  CHECK(imports("from .\nimport a") == Lines{": a"});
  CHECK(imports("from import\nimport a") == Lines{": a"});
  CHECK(imports("from a import (b,") == Lines{"a: b"});
  CHECK(imports("from a import b as") == Lines{"a: b"});
  CHECK(imports("import a \\") == Lines{": a"});
  CHECK(imports("import a \\\r") == Lines{": a"});
}

TEST_CASE("Facts: files that others depend on") {
  CHECK(needs("dag = DAG('old-dag')"));
  CHECK(needs("x = Operator(trigger_dag_id='any')"));
  CHECK(needs("x = Operator(env_vars={'OLD_VARIABLE': '1'})"));
  CHECK(needs("from ops import LocalReader"));
  CHECK_FALSE(needs("from ops import LocalReader", "class LocalReader:\n    pass\n"));
  CHECK(needs("from ops import *\nLocalReader()\n"));
  CHECK(needs("from .ops import (\n    Other,\n    LocalReader,\n)"));
}

TEST_CASE("Facts: files that nobody depends on") {
  CHECK_FALSE(needs(""));
  CHECK_FALSE(needs("dag = DAG('new-dag')"));
  CHECK_FALSE(needs("start('old-dag')"));
  CHECK_FALSE(needs("from kaapana.operators.LocalReader import LocalReader"));
  CHECK_FALSE(needs("from numpy import LocalReader"));
  CHECK_FALSE(needs("from ops import Other\nx = LocalReader()"));
}

TEST_CASE("Facts: other names of a class") {
  const std::vector<std::string> names = {"LocalReader"};
  using Aliases = std::set<std::string, std::less<>>;
  CHECK(aliases_of("from a import LocalReader as R, Other as O", names) == Aliases{"R"});
  CHECK(aliases_of("from a import LocalReader as LocalReader", names) == Aliases{});
  CHECK(aliases_of("import LocalReader as R", names) == Aliases{});
}
