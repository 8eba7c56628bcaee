#include "dagfix/graph.hpp"

#include <map>
#include <string>

#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "support/catch.hpp"
#include "text/source_file.hpp"

using namespace dagfix;

namespace {

const std::string kHead =
    "from airflow.models import DAG\n"
    "from airflow.models.baseoperator import chain, chain_linear, cross_downstream\n"
    "from airflow.operators.empty import EmptyOperator as Task\n"
    "from airflow.utils.task_group import TaskGroup\n"
    "from kaapana.operators.KaapanaBaseOperator import KaapanaBaseOperator as Base\n"
    "from kaapana.operators.LocalMinioOperator import LocalMinioOperator\n"
    "dag = DAG('d', schedule_interval=None)\n"
    "a, b, c, d = [Task(task_id=name, dag=dag) for name in 'abcd']\n";

RuleSet rules_of(const RuleBook& book, const std::string& from, const std::string& to) {
  const auto version = [&](const std::string& text) {
    return *book.version(text, RuleBook::Series::oldest);
  };
  return *RuleSet::select(book, version(from), version(to), {});
}

/// The graph of one file of a project whose other files are `others`.
DagGraph graph_of(const std::string& text, const std::map<std::string, std::string>& others = {},
                  const std::string& version = "0.3.5") {
  static const RuleBook book = *RuleBook::load();
  std::map<std::string, std::string> texts = others;
  texts.emplace("dag_x.py", text);
  std::vector<std::string> paths;
  for (const auto& [path, _] : texts) paths.push_back(path);
  const Project project(
      paths, [&](const std::string& path) -> std::optional<std::string> { return texts.at(path); });
  return read_graph(*SourceFile::decode("dag_x.py", text), rules_of(book, version, version),
                    project, GraphSide::source);
}

std::string name_of(const GraphTask& task) {
  return task.id.value_or("?") + (task.many ? "*" : task.may ? "~" : "");
}

/// "a b: a>b" for tasks and edges of a DAG; "~": may be, "*": any number, "?": unknown, "!": gaps.
std::string shown(const GraphDag& dag) {
  std::string out;
  for (const GraphTask& task : dag.tasks) out += (out.empty() ? "" : " ") + name_of(task);
  out += ":";
  for (const GraphEdge& edge : dag.edges) {
    out += " " + dag.tasks[edge.from].id.value_or("?") + (edge.may ? "~>" : ">") +
           dag.tasks[edge.to].id.value_or("?");
  }
  return out + (dag.gaps.empty() ? "" : " !");
}

std::string shown(const std::string& text, const std::map<std::string, std::string>& others = {}) {
  std::string out;
  for (const GraphDag& dag : graph_of(text, others).dags) {
    if (!out.empty()) out += " | ";
    out += dag.id.value_or("?") + (dag.is_seen ? "" : "(hidden)") + "= " + shown(dag);
  }
  return out;
}

/// Only what follows the tasks a, b, c and d.
std::string edges(const std::string& code) {
  const std::string all = shown(kHead + code);
  const std::string expected = "d= a b c d";
  REQUIRE(all.substr(0, expected.size()) == expected);
  return all.substr(expected.size());
}

}  // namespace

TEST_CASE("Graph: every way to write an edge") {
  CHECK(edges("a >> b >> c") == ": a>b b>c");
  CHECK(edges("c << b << a") == ": a>b b>c");
  CHECK(edges("a >> [b, c] >> d") == ": a>b a>c b>d c>d");
  CHECK(edges("[a, b] >> c\nc << [a]") == ": a>c b>c");
  CHECK(edges("a.set_downstream(b)\na.set_upstream([c, d])") == ": a>b c>a d>a");
  CHECK(edges("chain(a, b, [c, d])") == ": a>b b>c b>d");
  CHECK(edges("chain([a, b], [c, d])") == ": a>c b>d");
  CHECK(edges("chain_linear([a, b], [c, d])") == ": a>c a>d b>c b>d");
  CHECK(edges("cross_downstream([a, b], [c, d])") == ": a>c a>d b>c b>d");
  CHECK(edges("chain(*[a, b, c])") == ": a>b b>c");
  CHECK(edges("(a >> b) >> c") == ": a>b b>c");
}

TEST_CASE("Graph: edges out of collections, loops and functions") {
  CHECK(edges("for x in [a, b]:\n  x >> c") == ": a>c b>c");
  CHECK(edges("last = a\nfor x in (b, c):\n  last >> x\n  last = x") == ": a>b b>c");
  CHECK(edges("t = {'x': a, 'y': b}\nt['x'] >> t['y']") == ": a>b");
  CHECK(edges("t = {'x': a, 'y': b}\nlist(t.values()) >> c") == ": a>c b>c");
  CHECK(edges("t = []\nt.append(a)\nt += [b]\nt >> c\nt[-1] >> d") == ": a>c b>c b>d");
  CHECK(edges("for x, y in zip([a, b], [b, c]):\n  x >> y") == ": a>b b>c");
  CHECK(edges("for i, x in enumerate([a, b, c]):\n  if i == 1: continue\n  x >> d") == ": a>d c>d");
  CHECK(edges("def link(x, *, y=d):\n  x >> y\n  return y\nlink(a)\nlink(b, y=c) >> d") ==
        ": a>d b>c c>d");
  CHECK(edges("i = 0\nts = [a, b, c]\nwhile i + 1 < len(ts):\n  ts[i] >> ts[i + 1]\n  i += 1") ==
        ": a>b b>c");
  CHECK(edges("x, *rest = a, b, c\nx >> rest") == ": a>b a>c");
  CHECK(edges("(lambda x: x >> b)(a)") == ": a>b");
}

TEST_CASE("Graph: constant conditions are followed, others are marked") {
  CHECK(edges("MODE = 'x'\nif MODE == 'x':\n  a >> b\nelse:\n  a >> c") == ": a>b");
  CHECK(edges("import os\nif os.getenv('X'):\n  a >> b\nelse:\n  a >> c") == ": a~>b a~>c");
  CHECK(edges("import os\nx = b if os.getenv('X') else c\na >> x") == ": a~>b a~>c");
  CHECK(edges("import os\nif os.getenv('X'):\n  x = Task(task_id='x', dag=dag)\n  a >> x") ==
        " x~: a~>x");
  CHECK(edges("import os\nfor n in os.listdir('.'):\n  Task(task_id=n, dag=dag)") == " ?*:");
  CHECK(edges("import os\nxs = [a]\nif os.getenv('X'):\n  xs.append(b)\nxs >> c") == ": a>c b~>c");
  CHECK(edges("import os\ndef f():\n  if os.getenv('X'):\n    return\n  a >> b\nf()\nb >> c") ==
        ": a~>b b>c");
  CHECK(
      edges("import os\nfor x in [a, b]:\n  if os.getenv('X'):\n    continue\n  x >> c\nc >> d") ==
      ": a~>c b~>c c>d");
  CHECK(edges("import other\nother.more(a)") == ": !");
  CHECK(edges("import other\na >> other.task") == ": !");
  CHECK(edges("print(a)\nlen([a])") == ":");
  CHECK(edges("if __name__ == '__main__':\n  a >> b") == ":");
  CHECK(edges("try:\n  a >> b\nfinally:\n  b >> c") == ": a>b b>c");
}

TEST_CASE("Graph: groups prefix ids, and edges go to their ends") {
  CHECK(edges("with TaskGroup('g', dag=dag) as g:\n"
              "  x = Task(task_id='x')\n  y = Task(task_id='y')\n  x >> y\n"
              "a >> g >> b") == " g.x g.y: a>g.x g.x>g.y g.y>b");
  CHECK(shown("from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator as Task\n"
              "from airflow.utils.task_group import TaskGroup\n"
              "with DAG('d') as dag:\n"
              "  with TaskGroup('g') as g:\n"
              "    with TaskGroup('h', prefix_group_id=False):\n"
              "      x = Task(task_id='x')\n"
              "  y = Task(task_id='y')\n"
              "  g >> y\n") == "d= x y: x>y");
}

TEST_CASE("Graph: with, dag= and edges decide to which DAG a task belongs") {
  const std::string head =
      "from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator as Task\n";
  CHECK(shown(head + "with DAG('p') as p, DAG('q') as q:\n  x = Task(task_id='x')\n"
                     "  y = Task(task_id='y', dag=p)\n") == "p= y: | q= x:");
  CHECK(shown(head + "p = DAG(dag_id='p')\nx = Task(task_id='x', dag=p)\n"
                     "y = Task(task_id='y')\nx >> y\n") == "p= x y: x>y");
  CHECK(shown(head + "def make(name):\n  d = DAG(name)\n  Task(task_id='t', dag=d)\n  return d\n"
                     "for n in ('p', 'q'):\n  globals()[n] = make(n)\nmake('r')\n") ==
        "p= t: | q= t: | r(hidden)= t:");
}

TEST_CASE("Graph: decorated functions") {
  CHECK(shown("from airflow.decorators import dag, task\n"
              "@dag(schedule=None)\n"
              "def flow():\n"
              "  @task\n"
              "  def load(): return 1\n"
              "  @task(task_id='store')\n"
              "  def save(x): pass\n"
              "  first = load()\n"
              "  save(first)\n"
              "  save(load())\n"
              "flow()\n") == "flow= load store load__1 store__1: load>store load__1>store__1");
}

TEST_CASE("Graph: Kaapana's task ids") {
  CHECK(edges("Base(dag=dag, name='seg')") == " seg:");
  CHECK(edges("Base(dag=dag, name='seg', task_id='other')") == " other:");
  CHECK(edges("x = Base(dag=dag, name='seg', parallel_id='Left Lung')\n"
              "y = Base(dag=dag, name='post', input_operator=x)\n"
              "z = Base(dag=dag, name='post', input_operator=x, keep_parallel_id=False)\n") ==
        " seg-left-lung post-left-lung post:");
  CHECK(edges("LocalMinioOperator(dag=dag)\nLocalMinioOperator(dag=dag, action='put')\n"
              "LocalMinioOperator(dag, 'remove')\nLocalMinioOperator(dag=dag, name='n')") ==
        " minio-actions-get minio-actions-put minio-actions-remove n:");
  CHECK(edges("import os\nBase(dag=dag, name=os.getenv('X'))") == " ?:");
  CHECK(edges("for fold in range(2):\n  Base(dag=dag, name=f'fold-{fold:02d}')") ==
        " fold-00 fold-01:");
  CHECK(edges("Base(dag=dag, name='x-%s' % 1)\nBase(dag=dag, name='{}-y'.format(2))") ==
        " x-1 2-y:");
  CHECK(edges("import json\nBase(dag=dag, **json.loads('{}'))") == " ?:");
}

TEST_CASE("Graph: classes of the project are followed to Kaapana's") {
  const std::string mine =
      "from kaapana.operators.KaapanaPythonBaseOperator import KaapanaPythonBaseOperator\n"
      "class Mine(KaapanaPythonBaseOperator):\n"
      "  def __init__(self, dag, kind='x', **kwargs):\n"
      "    super().__init__(dag=dag, name='mine-' + kind, python_callable=self.start, **kwargs)\n"
      "  def start(self): pass\n";
  CHECK(edges(mine + "Mine(dag)\nMine(dag=dag, kind='y', parallel_id='z')") == " mine-x mine-y-z:");
  CHECK(shown(kHead + "from ops.mine import Mine\na >> Mine(dag=dag)\n", {{"ops/mine.py", mine}}) ==
        "d= a b c d mine-x: a>mine-x");
  CHECK(edges("from gone import MineOperator\na >> MineOperator(dag=dag)") == " ?: a>?");
}

TEST_CASE("Graph: what no one can know ends, and is said") {
  CHECK(edges("while True:\n  pass") == ": !");
  CHECK(edges("def f(): f()\nf()") == ":");
  CHECK(shown("x = 1\n").empty());
}

TEST_CASE("Graph: the version's own classes name the tasks") {
  const std::string code =
      "from airflow import DAG\nfrom kaapana.operators.MinioOperator import MinioOperator\n"
      "dag = DAG('d')\nMinioOperator(dag=dag)\n";
  CHECK(graph_of(code, {}, "0.5.3").dags[0].tasks[0].id == "transfer-files-with-minio");
  CHECK(!graph_of(code, {}, "0.3.5").dags[0].tasks[0].id);
}
