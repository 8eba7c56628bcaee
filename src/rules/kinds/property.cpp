#include <fmt/format.h>

#include <algorithm>

#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

/// Whether a pair is a property of the form whose values reach the containers:
/// {"workflow_form": {"properties": {"name": ...}}}, also when written in parts.
bool is_property(const SemanticModel& model, Node pair) {
  bool in_properties = false;
  for (Node outer = pair.parent().parent(); outer.is(Kind::pair); outer = outer.parent().parent()) {
    const auto key = model.constant(outer.child(Field::key));
    if (!key) return false;
    if (!in_properties && key->value != "properties") return false;
    in_properties = true;
    if (key->value == "workflow_form") return true;
    if (key->value.ends_with("_form")) return false;
  }
  return in_properties;
}

/// Whether a Local operator stays one: the runs of its DAG have no form.
bool stays(const RuleContext& context, Node call) {
  const DagInfo* dag = dag_of(context.model, context.dags, call);
  if (!dag) return false;
  const bool is_service = std::ranges::any_of(
      dag->tags, [](const std::string& tag) { return tag == "service" || tag == "import"; });
  return is_service || !dag->schedule.empty();
}

/// Whether the file makes an operator of one of the classes that runs in a container.
bool has_operator(const RuleContext& context, const ArgumentEntry& entry) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node call = context.tree().node(id);
    if (!call.is(Kind::call)) continue;
    const auto symbol = context.model.resolve(call.child(Field::function));
    if (!symbol || !symbol->certain) continue;
    if (std::ranges::find(entry.classes, symbol->path) == entry.classes.end()) continue;
    if (!last_part(symbol->path).starts_with("Local") || !stays(context, call)) return true;
  }
  return false;
}

void report(const RuleContext& context, const ArgumentEntry& entry, Node key) {
  const ArgumentChange& change = entry.change;
  DraftFinding finding;
  finding.range = key.range();
  finding.message = fmt::format("the form's property '{}' {} since {}", change.name, change.reason,
                                to_string(entry.since.value_or(Version{})));
  finding.remedy = change.action == ArgumentChange::Action::rename
                       ? fmt::format("call the property '{}'", change.to)
                       : "give the property another name, unless the form is to decide";
  context.report(std::move(finding));
}

}  // namespace

void check_property(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node pair = context.tree().node(id);
    if (!pair.is(Kind::pair)) continue;
    const Node key = pair.child(Field::key);
    const auto name = context.model.constant(key);
    if (!name) continue;
    for (const ArgumentEntry& entry : context.rule->arguments) {
      if (entry.change.name != name->value || !context.rules.in_range(entry.since)) continue;
      if (!is_property(context.model, pair) || !has_operator(context, entry)) continue;
      report(context, entry, key);
      break;
    }
  }
}

}  // namespace dagfix
