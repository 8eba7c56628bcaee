#include "project/needs_facts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "project/import_lines.hpp"

namespace dagfix {

namespace {

bool is_of_project(std::string_view module, const Project& project, std::string_view path) {
  if (module.empty() || is_kaapana(module)) return false;
  return project.find_module(module, path) != Project::npos;
}

// The first words of a search; those of FactWords follow.
constexpr std::string_view kOwnWords[] = {"trigger_dag_id", "DagTriggerOperator(", "env_vars"};

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

FactSearch::FactSearch(FactWords words)
    : words_(std::move(words)), searched_(std::begin(kOwnWords), std::end(kOwnWords)) {
  for (const auto* list : {&words_.dag_ids, &words_.variables, &words_.names}) {
    searched_.insert(searched_.end(), list->begin(), list->end());
  }
  filter_ = Prefilter(searched_);
}

bool FactSearch::needs_facts(std::string_view text, const Project& project,
                             std::string_view path) const {
  const std::vector<bool> found = filter_.words_in(text);
  return needs_facts(text, found.begin(), project, path);
}

bool FactSearch::needs_facts(std::string_view text, std::vector<bool>::const_iterator found,
                             const Project& project, std::string_view path) const {
  auto next = found + std::size(kOwnWords);
  const auto has_any = [&](const std::vector<std::string>& list) {
    const auto begin = std::exchange(next, next + static_cast<std::ptrdiff_t>(list.size()));
    return std::find(begin, next, true) != next;
  };
  const bool has_dag_id = has_any(words_.dag_ids);
  const bool has_variable = has_any(words_.variables);
  const bool has_name = has_any(words_.names);
  if (found[0] || found[1]) return true;
  // Not in the search: words as short as these would slow it down.
  const auto makes_dag = [&] { return text.contains("DAG(") || text.contains("dag("); };
  if ((has_dag_id && makes_dag()) || (found[2] && has_variable)) return true;
  if (!has_name) return false;
  bool takes = false;
  for_each_import(text, [&](const ImportLine& line) {
    takes = takes || takes_passed_on_name(line, words_.names, project, path);
    // `import ops`: the class is used as ops.LocalX then.
    for (const ImportLine::Item& item : line.items) {
      takes = takes || (line.module.empty() && is_of_project(item.name, project, path));
    }
  });
  return takes;
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
