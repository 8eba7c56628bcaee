#include "rules/rule_set.hpp"

namespace dagfix {

namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// The names that a change of an argument adds or takes away, or whose value it sets.
void add_names(const ArgumentChange& change, std::vector<std::string>& names) {
  using Action = ArgumentChange::Action;
  const bool is_edited = change.action == Action::rename || change.action == Action::drop ||
                         change.action == Action::set || change.lost;
  if (!is_edited) return;
  names.push_back(change.name);
  if (change.action == Action::rename) names.push_back(change.to);
  if (!change.lost_to.empty()) names.push_back(change.lost_to);
}

GraphChanges changes_of(const OperatorReplacement& data) {
  GraphChanges changes;
  if (data.old_class.empty()) return changes;
  GraphChanges::Arguments arguments{{data.old_class}, {}};
  for (const ArgumentChange& change : data.arguments) add_names(change, arguments.names);
  for (const WrittenOut& written : data.write_out) arguments.names.push_back(written.name);
  changes.arguments.push_back(std::move(arguments));
  changes.classes.emplace_back(data.old_class, data.new_class);
  return changes;
}

/// Objects of the class and calls of its methods are written anew.
GraphChanges changes_of(const ClientReplacement& data) {
  GraphChanges changes;
  if (data.old_class.empty()) return changes;
  changes.rewritten.push_back(last_part(data.old_class));
  for (const auto* members : {&data.methods, &data.members}) {
    for (const MethodChange& member : *members) changes.rewritten.push_back(member.name);
  }
  return changes;
}

}  // namespace

GraphChanges Rule::graph_changes() const {
  GraphChanges all = changes;
  all.add(changes_of(replacement));
  all.add(changes_of(client));
  for (const ArgumentEntry& entry : arguments) {
    GraphChanges::Arguments named{entry.classes, {}};
    add_names(entry.change, named.names);
    if (!named.names.empty()) all.arguments.push_back(std::move(named));
  }
  const auto add_string = [&](const std::string& before, const std::string& after) {
    if (!after.empty() && before != after) all.strings.emplace_back(before, after);
  };
  for (const ValueEntry& entry : values) add_string(entry.old_value, entry.new_value);
  for (const TextEntry& entry : texts) add_string(entry.old_value, entry.new_value);
  for (const LabelEntry& entry : labels) {
    add_string(entry.label, entry.new_label);
    add_string(entry.value, entry.new_value);
  }
  for (const SymbolEntry& entry : symbols) {
    if (entry.to.empty()) continue;
    if (entry.member == SymbolEntry::Member::none) all.classes.emplace_back(entry.path, entry.to);
    add_string(last_part(entry.path), last_part(entry.to));
  }
  return all;
}

}  // namespace dagfix
