#include "project/needs_facts.hpp"

#include <algorithm>

#include "project/import_lines.hpp"

namespace dagfix {

namespace {

bool is_of_project(std::string_view module, const Project& project, std::string_view path) {
  if (module.empty() || is_kaapana(module)) return false;
  return module.starts_with('.') || project.find_module(module, path) != Project::npos;
}

bool contains_any(std::string_view text, std::span<const std::string> words) {
  return std::ranges::any_of(words, [&](const std::string& word) { return text.contains(word); });
}

}  // namespace

bool needs_facts(std::string_view text, const FactWords& words, const Project& project,
                 std::string_view path) {
  if (text.contains("trigger_dag_id") || text.contains("DagTriggerOperator(")) return true;
  const bool makes_dag = text.contains("DAG(") || text.contains("dag(");
  if (makes_dag && contains_any(text, words.dag_ids)) return true;
  if (text.contains("env_vars") && contains_any(text, words.variables)) return true;
  if (!contains_any(text, words.names)) return false;
  bool found = false;
  for_each_import(text, [&](const ImportLine& line) {
    found = found || (is_of_project(line.module, project, path) &&
                      (contains_any(line.text, words.names) || line.items[0].name == "*"));
    // `import ops`: the class is used as ops.LocalX then.
    for (const ImportLine::Item& item : line.items) {
      found = found || (line.module.empty() && is_of_project(item.name, project, path));
    }
  });
  return found;
}

std::set<std::string, std::less<>> aliases_of(std::string_view text,
                                              std::span<const std::string> names) {
  std::set<std::string, std::less<>> aliases;
  for_each_import(text, [&](const ImportLine& line) {
    if (line.module.empty()) return;
    for (const auto& [name, alias] : line.items) {
      if (alias.empty() || alias == name || std::ranges::find(names, name) == names.end()) continue;
      aliases.emplace(alias);
    }
  });
  return aliases;
}

}  // namespace dagfix
