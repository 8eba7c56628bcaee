#include "dag/dag.hpp"

#include <fmt/format.h>

namespace dagfix {

namespace {

/// The path of what is called; empty if it does not come from an import. Asked for every call,
/// hence looked up where it can be.
std::string path_of(const SemanticModel& model, Node function) {
  Node first = function;
  while (first.is(Kind::attribute)) first = first.child(Field::object);
  if (first.is(Kind::identifier)) {
    const SymbolUse* const use = model.use_at(function);
    return use ? use->symbol.path : std::string();
  }
  const auto symbol = model.resolve(function);
  return symbol ? symbol->path : std::string();
}

bool is_dag_class(const SemanticModel& model, Node function) {
  const std::string_view text = function.text();
  if (text == "DAG" || text.ends_with(".DAG")) return true;
  const std::string path = path_of(model, function);
  if (!text.ends_with("DAG") && !text.ends_with("dag")) {
    return path.starts_with("airflow.") && path.ends_with(".DAG");
  }
  return path == "airflow.decorators.dag" || path.ends_with(".DAG");
}

Node keyword_value(Node call, std::string_view name) {
  for (const Node argument : call.child(Field::arguments).named_children()) {
    if (argument.is(Kind::keyword_argument) && argument.child(Field::name).text() == name) {
      return argument.child(Field::value);
    }
  }
  return {};
}

/// Whether a variable is used for more than being read: tags.append("service").
bool is_changed_later(const SemanticModel& model, Node name) {
  if (!name.is(Kind::identifier)) return false;
  for (const BindingId binding : model.reaching(name.text(), name)) {
    for (const Node read : model.reads_of(binding)) {
      if (read.parent().is(Kind::attribute) || read.parent().is(Kind::subscript)) return true;
    }
  }
  return false;
}

/// Whether the file sets tags or schedule of a DAG after it was made.
bool sets_dag_attribute(const SemanticModel& model) {
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node node = model.tree().node(id);
    if (!node.is(Kind::attribute)) continue;
    const std::string_view name = node.child(Field::attribute).text();
    if (name != "tags" && name != "schedule_interval" && name != "schedule") continue;
    const Node parent = node.parent();
    const bool is_set = node.field() == Field::left &&
                        (parent.is(Kind::assignment) || parent.is(Kind::augmented_assignment));
    // dag.tags.append("service")
    const bool is_called = parent.is(Kind::attribute) && parent.parent().is(Kind::call);
    if (is_set || is_called) return true;
  }
  return false;
}

void read_tags(const SemanticModel& model, Node value, DagInfo& dag) {
  if (!value) return;
  const Node list = model.value_of(value);
  if (is_changed_later(model, value)) dag.tags_known = false;
  if (!list.is(Kind::list) && !list.is(Kind::tuple) && !list.is(Kind::set)) {
    dag.tags_known = false;
    return;
  }
  for (const Node element : list.named_children()) {
    if (auto tag = model.constant(element)) {
      dag.tags.push_back(std::move(tag->value));
    } else {
      dag.tags_known = false;
    }
  }
}

std::string schedule_of(const SemanticModel& model, Node call) {
  for (const std::string_view name : {"schedule_interval", "schedule", "timetable"}) {
    const Node given = keyword_value(call, name);
    if (!given) continue;
    if (model.value_of(given).is(Kind::none)) return {};
    return fmt::format("{}={}", name, given.text().substr(0, 60));
  }
  return "no schedule_interval=None, so Airflow runs it daily";
}

/// Whether unpacked arguments certainly give neither tags nor a schedule.
bool is_harmless(const SemanticModel& model, Node splat) {
  const auto inner = splat.named_children();
  if (inner.size() != 1 || is_changed_later(model, inner[0])) return false;
  const Node dictionary = model.value_of(inner[0]);
  const bool is_call =
      dictionary.is(Kind::call) && dictionary.child(Field::function).text() == "dict";
  if (!is_call && !dictionary.is(Kind::dictionary)) return false;
  const auto items =
      is_call ? dictionary.child(Field::arguments).named_children() : dictionary.named_children();
  for (const Node item : items) {
    std::string name;
    if (is_call && item.is(Kind::keyword_argument)) {
      name = item.child(Field::name).text();
    } else if (const auto key = model.constant(item.child(Field::key))) {
      name = key->value;
    } else {
      return false;
    }
    if (name == "tags" || name == "timetable" || name.starts_with("schedule")) return false;
  }
  return true;
}

DagInfo read_dag(const SemanticModel& model, Node call) {
  DagInfo dag;
  dag.call = call;
  Node id = keyword_value(call, "dag_id");
  if (!id) {
    const auto arguments = call.child(Field::arguments).named_children();
    if (!arguments.empty() && !arguments[0].is(Kind::keyword_argument)) id = arguments[0];
  }
  if (id) {
    if (auto value = model.constant(id)) dag.id = std::move(value->value);
  }
  read_tags(model, keyword_value(call, "tags"), dag);
  dag.schedule = schedule_of(model, call);
  for (const Node argument : call.child(Field::arguments).named_children()) {
    if (!argument.is(Kind::dictionary_splat) || is_harmless(model, argument)) continue;
    dag.tags_known = false;
    dag.schedule.clear();
  }
  return dag;
}

const DagInfo* by_call(const std::vector<DagInfo>& dags, Node call) {
  for (const DagInfo& dag : dags) {
    if (dag.call == call) return &dag;
  }
  return nullptr;
}

const DagInfo* by_enclosing_statement(const SemanticModel& model, const std::vector<DagInfo>& dags,
                                      Node call) {
  for (Node node = call.parent(); node; node = node.parent()) {
    const bool decorated = node.is(Kind::decorated_definition);
    if (!decorated && !node.is(Kind::with_statement)) continue;
    for (const DagInfo& dag : dags) {
      const Node holder = decorated ? node.child(Kind::decorator) : node.child(Kind::with_clause);
      if (holder.encloses(dag.call) && !holder.encloses(call)) return &dag;
    }
    if (decorated) continue;
    // with dag: ...
    const Node entered = node.child(Kind::with_clause).child(Kind::with_item).child(Field::value);
    if (const DagInfo* dag = by_call(dags, model.value_of(entered))) return dag;
  }
  return nullptr;
}

}  // namespace

std::vector<DagInfo> find_dags(const SemanticModel& model) {
  std::vector<DagInfo> dags;
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node node = model.tree().node(id);
    if (node.is(Kind::call) && is_dag_class(model, node.child(Field::function))) {
      dags.push_back(read_dag(model, node));
    }
  }
  if (!dags.empty() && sets_dag_attribute(model)) {
    for (DagInfo& dag : dags) dag.tags_known = false;
  }
  return dags;
}

const DagInfo* dag_of(const SemanticModel& model, const std::vector<DagInfo>& dags, Node call) {
  Node given = keyword_value(call, "dag");
  if (!given) {
    const auto arguments = call.child(Field::arguments).named_children();
    if (!arguments.empty() && arguments[0].is(Kind::identifier)) given = arguments[0];
  }
  if (given.is(Kind::none)) given = {};
  if (given.is(Kind::identifier)) {
    const auto found = model.reaching(given.text(), given);
    return found.size() == 1 ? by_call(dags, model.bindings()[found[0]].value) : nullptr;
  }
  if (given) return by_call(dags, given);
  if (const DagInfo* dag = by_enclosing_statement(model, dags, call)) return dag;
  return dags.size() == 1 ? &dags[0] : nullptr;
}

}  // namespace dagfix
