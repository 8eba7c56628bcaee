#include "proof.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "support/migration.hpp"

// That a rewrite is stopped if it changes more of a DAG than its rules declare.

namespace {

using namespace dagfix;
using namespace dagfix::test;

const std::string kHead =
    "from airflow.models import DAG\n"
    "from airflow.operators.empty import EmptyOperator as Task\n"
    "from airflow.utils.task_group import TaskGroup\n"
    "from kaapana.operators.DcmSendOperator import DcmSendOperator as Send\n"
    "from kaapana.operators.LocalDagTriggerOperator import LocalDagTriggerOperator as Trigger\n"
    "from kaapana.operators.LocalGetInputDataOperator import LocalGetInputDataOperator\n"
    "from kaapana.operators.GetInputOperator import GetInputOperator\n"
    "from kaapana.operators.LocalDeleteFromPacsOperator import LocalDeleteFromPacsOperator\n"
    "from kaapana.operators.DeleteFromPacsOperator import DeleteFromPacsOperator\n"
    "dag = DAG('d', schedule_interval=None)\n"
    "a, b, c = [Task(task_id=name, dag=dag) for name in 'abc']\n";

const RuleBook& book() {
  static const RuleBook loaded = *RuleBook::load();
  return loaded;
}

/// What is said of a rewrite of a file by rules with these codes; "; " between the lines.
std::string said_of(const std::string& before, const std::string& after,
                    const std::vector<std::string>& codes = {}) {
  const RuleSet rules = rules_between(book(), {0, 3, 5}, {0, 5, 3});
  const auto project = project_of({{"dag.py", before}});
  std::vector<Finding> fixed;
  for (const std::string& code : codes) {
    fixed.push_back({});
    fixed.back().rule = code;
  }
  std::string all;
  for (const std::string& line :
       unproven(SourceFile::from_utf8("dag.py", before), SourceFile::from_utf8("dag.py", after),
                fixed, rules, *project)) {
    all += (all.empty() ? "" : "; ") + line;
  }
  return all;
}

/// The same for what follows three tasks a, b and c.
std::string said(const std::string& before, const std::string& after,
                 const std::vector<std::string>& codes = {}) {
  return said_of(kHead + before, kHead + after, codes);
}

bool says(const std::string& text, std::string_view part) { return text.contains(part); }

}  // namespace

TEST_CASE("Proof: the same graph in other words is the same") {
  CHECK(said("a >> b >> c", "a >> b\nb >> c") == "");
  CHECK(said("a >> [b, c]", "[b, c] << a") == "");
  CHECK(said("s = Send(dag=dag, level='batch')", "L = 'batch'\ns = Send(level=L, dag=dag)") == "");
  CHECK(said("s = Send(dag, name='x')", "s = Send(name='x', dag=dag)") == "");
}

TEST_CASE("Proof: no rule may change edges, tasks, groups and variables") {
  const std::vector<std::string> all = {"KAP101", "KAP103", "KAP204", "KAP207", "KAP403"};
  for (const auto& codes : {std::vector<std::string>{}, all}) {
    CHECK(says(said("a >> b >> c", "a >> b", codes), "DAG 'd', task 'b': the edge to c is lost"));
    CHECK(says(said("a >> b", "a >> b >> c", codes), "task 'b': the edge to c is new"));
    CHECK(says(said("a >> b", "b >> a", codes), "the edge to b is lost"));
    CHECK(says(said("x = Task(task_id='x', dag=dag)", "", codes), "task 'x': the task is lost"));
    CHECK(says(said("", "x = Task(task_id='x', dag=dag)", codes), "task 'x': the task is new"));
    CHECK(says(said("x = Task(task_id='x', dag=dag)", "x = Task(task_id='y', dag=dag)", codes),
               "task 'x': the task id becomes y"));
    CHECK(says(said("x = Task(task_id='x', dag=dag)", "y = Task(task_id='x', dag=dag)", codes),
               "its variable becomes 'y'"));
    CHECK(says(said("with TaskGroup('g', dag=dag):\n  x = Task(task_id='x')\n",
                    "with TaskGroup('g', prefix_group_id=False, dag=dag):\n  x = Task(task_id='x')",
                    codes),
               "the task id becomes x"));
    CHECK(says(said("e = DAG('e')\nTask(task_id='x', dag=e)", "", codes), "the DAG is lost"));
    CHECK(says(said("e = DAG('e')", "e = DAG('f')", codes), "the id becomes f"));
    CHECK(says(said("a >> b", "import os\nif os.getenv('X'):\n  a >> b", codes),
               "the edge to b is lost"));
    CHECK(says(said("a >> b", "import other\nother.link(a, b)", codes), "more of it is not known"));
  }
}

TEST_CASE("Proof: arguments and classes change as the rules declare") {
  const std::string send = "s = Send(dag=dag, ram_mem_mb=50, level='batch')";
  CHECK(said(send, "s = Send(dag=dag, level='batch')", {"KAP207"}) == "");
  CHECK(says(said(send, "s = Send(dag=dag, level='batch')", {"KAP208"}),
             "task 'dcmsend': the argument ram_mem_mb is lost, which KAP208 does not declare"));
  CHECK(says(said(send, "s = Send(dag=dag)", {"KAP207"}), "the argument level is lost"));
  CHECK(says(said(send, "s = Send(dag=dag, ram_mem_mb=50, level='run')", {"KAP207"}),
             "the argument level gets another value"));
  CHECK(says(said("L = 'batch'\ns = Send(dag=dag, level=L)",
                  "L = 'run'\ns = Send(dag=dag, level=L)", {"KAP207"}),
             "the argument level gets another value"));
  CHECK(said("g = LocalGetInputDataOperator(dag=dag, data_form=None, name='g')",
             "g = GetInputOperator(dag=dag, name='g')", {"KAP101"}) == "");
  CHECK(says(said("g = LocalGetInputDataOperator(dag=dag, name='g')",
                  "g = GetInputOperator(dag=dag, name='g')", {"KAP102"}),
             "LocalGetInputDataOperator becomes kaapana.operators.GetInputOperator"));
}

TEST_CASE("Proof: strings change as the rules declare") {
  CHECK(said("s = Send(dag=dag, env_vars={'HOST': 'x', 'A': 'b'})",
             "s = Send(dag=dag, env_vars={'PACS_HOST': 'x', 'A': 'b'})", {"KAP405"}) == "");
  CHECK(says(said("s = Send(dag=dag, env_vars={'HOST': 'x', 'A': 'b'})",
                  "s = Send(dag=dag, env_vars={'PACS_HOST': 'x', 'A': 'c'})", {"KAP405"}),
             "the argument env_vars gets another value"));
  CHECK(says(said("s = Send(dag=dag, env_vars={'HOST': 'x'})",
                  "s = Send(dag=dag, env_vars={'PACS_HOST': 'x'})", {"KAP207"}),
             "the argument env_vars gets another value"));
  const std::string old_id = book().find("KAP204")->values.front().old_value;
  const std::string new_id = book().find("KAP204")->values.front().new_value;
  REQUIRE(!new_id.empty());
  // The id of the task names the DAG that it starts.
  CHECK(said("t = Trigger(dag=dag, trigger_dag_id='" + old_id + "')",
             "t = Trigger(dag=dag, trigger_dag_id='" + new_id + "')", {"KAP204"}) == "");
  CHECK(says(said("t = Task(dag=dag, task_id='" + old_id + "')",
                  "t = Task(dag=dag, task_id='" + new_id + "')", {"KAP204"}),
             "the task id becomes " + new_id));
}

TEST_CASE("Proof: what cannot be known is no difference as long as it stays what it was") {
  const std::string unknown =
      "import os\nfor n in os.listdir('.'):\n  Task(task_id=n, dag=dag)\n"
      "s = Send(dag=dag, level=os.getenv('L'), **os.environ)\n";
  CHECK(said(unknown + "a >> b", unknown + "a.set_downstream(b)") == "");
  CHECK(says(said("import os\ns = Send(dag=dag, level=os.getenv('L'))",
                  "import os\ns = Send(dag=dag, level=os.getenv('M'))"),
             "the argument level gets another value"));
}

TEST_CASE("Proof: what the source does not know yet is no difference") {
  // 0.3.5 has no GetInputOperator: what follows it may have any id there.
  const std::string get = "g = GetInputOperator(dag=dag)\n";
  CHECK(said(get + "p = LocalDeleteFromPacsOperator(dag=dag, input_operator=g)",
             get + "p = DeleteFromPacsOperator(dag=dag, input_operator=g, name='delete-pacs')",
             {"KAP106"}) == "");
  CHECK(says(said("s = Send(dag=dag, name='x')",
                  "import os\ns = Send(dag=dag, name=os.getenv('X'))", {"KAP106"}),
             "the task id becomes (unknown id of s)"));
}

TEST_CASE("Proof: what the target changes by itself is not laid to the fixes") {
  const std::string guarded =
      "from airflow.models import DAG\n"
      "try:\n"
      "  from kaapana.operators.GetInputOperator import GetInputOperator as Input\n"
      "except ImportError:\n"
      "  from kaapana.operators.LocalGetInputDataOperator import LocalGetInputDataOperator as "
      "Input\n"
      "dag = DAG('d')\n"
      "get = Input(dag=dag)\n";
  CHECK(said_of(guarded, guarded + "# x\n") == "");
  CHECK(says(said_of(guarded, guarded + "x = Input(dag=dag, name='x')\n"), "the task is new"));
}

TEST_CASE("Proof: every rule that a fix can be lost to is there to be told") {
  // Codes that no rule has declare nothing, and are named all the same.
  CHECK(says(said("a >> b", "", {"NONE1", "NONE2"}), "which NONE1, NONE2 do not declare"));
}

TEST_CASE("Proof: a fix that breaks its promise is no fix") {
  const std::string rule = R"({
    "code": "WRONG1", "name": "wrong", "kind": "argument", "severity": "error", "safety": "safe",
    "summary": "Wrong.", "triggers": ["DcmSendOperator"], "why": "-", "fix": "-",
    "entries": [{"classes": ["kaapana.operators.DcmSendOperator.DcmSendOperator"],
                 "name": "name", "action": "drop", "reason": "-"}]})";
  const std::pair<std::string, std::string> extra[] = {{"wrong.json", rule}};
  const RuleBook wrong = *RuleBook::load(extra);
  const RuleSet rules = *RuleSet::select(wrong, {0, 3, 5}, {0, 5, 3}, {{"WRONG1"}, {}});
  const std::string text = kHead + "s = Send(dag=dag, name='x')\n";
  const auto project = project_of({{"dag.py", text}});
  const SourceFile file = SourceFile::from_utf8("dag.py", text);
  const FixResult result = fix(file, rules, *project, Safety::safe);
  REQUIRE(result.bugs.size() == 1);
  CHECK(says(result.bugs[0], "task 'x': the task id becomes dcmsend, which WRONG1"));
  const FileAnalysis analysis = analyze(file, rules, *project);
  REQUIRE(analysis.fixes.size() == 1);
  CHECK(bugs_of_fix(file, analysis, 0, rules, *project) == result.bugs);
}
