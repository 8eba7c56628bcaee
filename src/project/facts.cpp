#include "dag/dag.hpp"
#include "project/project.hpp"

namespace dagfix {

void ProjectFacts::add(const ProjectFacts& other) {
  defined_dags.insert(other.defined_dags.begin(), other.defined_dags.end());
  triggered_dags.insert(other.triggered_dags.begin(), other.triggered_dags.end());
  set_variables.insert(other.set_variables.begin(), other.set_variables.end());
  own_images.insert(other.own_images.begin(), other.own_images.end());
  chart_values.insert(other.chart_values.begin(), other.chart_values.end());
  shared_names.insert(other.shared_names.begin(), other.shared_names.end());
}

namespace {

// What this operator of Kaapana's own is given is not the project's to keep: rules rename it.
constexpr std::string_view kThumbnail =
    "kaapana.operators.GenerateThumbnailOperator.GenerateThumbnailOperator";

bool is_kaapanas_thumbnail(const SemanticModel& model, Node keyword) {
  const auto symbol = model.resolve(keyword.parent().parent().child(Field::function));
  return symbol && symbol->certain && symbol->path == kThumbnail;
}

void add_keyword(const SemanticModel& model, Node keyword, ProjectFacts& facts) {
  const std::string_view name = keyword.child(Field::name).text();
  const Node value = keyword.child(Field::value);
  if (name == "trigger_dag_id") {
    if (auto id = model.constant(value)) facts.triggered_dags.insert(std::move(id->value));
  } else if (name == "env_vars" && !is_kaapanas_thumbnail(model, keyword)) {
    for (const Node pair : model.value_of(value).named_children()) {
      if (!pair.is(Kind::pair)) continue;
      if (auto key = model.constant(pair.child(Field::key))) {
        facts.set_variables.insert(std::move(key->value));
      }
    }
  }
}

/// LocalDagTriggerOperator(dag, "id")
void add_trigger(const SemanticModel& model, Node call, ProjectFacts& facts) {
  if (!call.child(Field::function).text().ends_with("TriggerOperator")) return;
  for (const Node argument : call.child(Field::arguments).named_children()) {
    if (auto id = model.constant(argument)) facts.triggered_dags.insert(std::move(id->value));
  }
}

/// DAG(**{"dag_id": "id"}), make_dag(dag_id="id")
void add_dag_id(const SemanticModel& model, Node node, ProjectFacts& facts) {
  const bool is_pair = node.is(Kind::pair);
  if (!is_pair && !node.is(Kind::keyword_argument)) return;
  const Node name = node.child(is_pair ? Field::key : Field::name);
  if (is_pair ? string_value(name) != "dag_id" : name.text() != "dag_id") return;
  if (auto id = model.constant(node.child(Field::value))) {
    facts.defined_dags.insert(std::move(id->value));
  }
}

}  // namespace

ProjectFacts facts_of(const SemanticModel& model, const Project& project, std::string_view path) {
  ProjectFacts facts;
  const std::vector<DagInfo> dags = find_dags(model);
  for (const DagInfo& dag : dags) {
    if (dag.id) facts.defined_dags.insert(*dag.id);
  }
  const bool makes_dag = !dags.empty();
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node node = model.tree().node(id);
    if (node.is(Kind::keyword_argument)) add_keyword(model, node, facts);
    if (node.is(Kind::call)) add_trigger(model, node, facts);
    if (makes_dag) add_dag_id(model, node, facts);
  }
  for (const Import& import : model.imports()) {
    if (is_kaapana(import.module)) continue;
    const std::size_t file = project.find_module(import.module, path);
    // `import ops` and `from ops import *` may use any name of the module.
    if (file != Project::npos)
      facts.shared_names.emplace(file, import.name.empty() ? "*" : import.name);
    const std::size_t member = project.find_module(import.qualified(), path);
    if (member != Project::npos && !import.name.empty()) facts.shared_names.emplace(member, "*");
  }
  return facts;
}

}  // namespace dagfix
