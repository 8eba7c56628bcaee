#include "project/needs_facts.hpp"

#include <algorithm>

#include "project/import_lines.hpp"

namespace dagfix {

namespace {

bool is_of_project(std::string_view module, const Project& project, std::string_view path) {
  if (module.empty() || is_kaapana(module)) return false;
  return project.find_module(module, path) != Project::npos;
}

bool contains_any(std::string_view text, std::span<const std::string> words) {
  return std::ranges::any_of(words, [&](const std::string& word) { return text.contains(word); });
}

/// Whether a statement takes one of the names from a module of the project that may itself import
/// it: only then does it matter there that somebody does.
bool takes_passed_on_name(const ImportLine& line, std::span<const std::string> names,
                          const Project& project, std::string_view path) {
  const std::string module = line.module.starts_with('.')
                                 ? FileResolver(project, path).absolute(line.module)
                                 : std::string(line.module);
  if (module.empty() || is_kaapana(module)) return false;
  const std::size_t file = project.find_module(module, path);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return std::ranges::any_of(line.items, [&](const ImportLine::Item& item) {
      if (item.name != name && item.name != "*") return false;
      if (file != Project::npos && project.may_import(file, name)) return true;
      return project.find_module(module + "." + name, path) != Project::npos;
    });
  });
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
    found = found || takes_passed_on_name(line, words.names, project, path);
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
