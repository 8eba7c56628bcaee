#include "proof.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "dag/graph_changes.hpp"
#include "files/kind.hpp"
#include "rules/api/changes.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix {

namespace {

constexpr std::size_t kMostTold = 5;

bool is_at(const Finding& finding, ByteRange place) {
  const auto touches = [&](ByteRange range) {
    return range.begin < place.end && place.begin < range.end;
  };
  return touches(finding.range) || std::ranges::any_of(finding.related, [&](const auto& related) {
           return touches(related.range);
         });
}

/// The rules that fixed something at the place; if none did, all that fixed something.
std::set<std::string> rules_at(ByteRange place, std::span<const Finding> fixed) {
  std::set<std::string> here;
  std::set<std::string> all;
  for (const Finding& finding : fixed) {
    if (is_at(finding, place)) here.insert(finding.rule);
    all.insert(finding.rule);
  }
  return here.empty() ? all : here;
}

std::string message(const GraphDifference& difference, std::span<const Finding> fixed) {
  const std::string task =
      difference.task_id.empty() ? "" : fmt::format(", task '{}'", difference.task_id);
  const auto rules = rules_at(difference.range, fixed);
  return fmt::format("DAG '{}'{}: {}, which {} {} not declare", difference.dag_id, task,
                     difference.what, fmt::join(rules, ", "), rules.size() == 1 ? "does" : "do");
}

/// What the fixes of a rule may change.
GraphChanges declared_by(const Rule& rule, const RuleSet& rules) {
  GraphChanges changes = rule.graph_changes();
  if (rule.kind != "api") return changes;
  for (const ApiGone& gone : rules.api().gone()) {
    if (!gone.is_module && !gone.to.empty()) changes.classes.emplace_back(gone.path, gone.to);
  }
  return changes;
}

}  // namespace

std::vector<std::string> unproven(const SourceFile& before, const SourceFile& after,
                                  std::span<const Finding> fixed, const RuleSet& rules,
                                  const Project& project, const Project* fixed_project) {
  if (kind_of(before.path(), before.text()) != FileKind::python) return {};
  GraphChanges declared;
  std::set<std::string> codes;
  for (const Finding& finding : fixed) {
    if (!codes.insert(finding.rule).second) continue;
    if (const Rule* rule = rules.book().find(finding.rule)) declared.add(declared_by(*rule, rules));
  }
  const DagGraph old_graph = read_graph(before, rules, project, GraphSide::source);
  const DagGraph new_graph =
      read_graph(after, rules, fixed_project ? *fixed_project : project, GraphSide::target);
  auto differences = undeclared_differences(old_graph, new_graph, declared);
  if (differences.empty()) return {};
  // A default that the target has changed is there without any fix.
  const DagGraph unfixed = read_graph(before, rules, project, GraphSide::target);
  const auto of_fixes = undeclared_differences(unfixed, new_graph, declared);
  std::erase_if(differences, [&](const GraphDifference& one) {
    return std::ranges::none_of(
        of_fixes, [&](const GraphDifference& other) { return one.is_about_same(other); });
  });
  std::vector<std::string> messages;
  for (const GraphDifference& difference : differences) {
    if (messages.size() == kMostTold) {
      messages.push_back(fmt::format("and {} more differences", differences.size() - kMostTold));
      break;
    }
    messages.push_back(message(difference, fixed));
  }
  return messages;
}

}  // namespace dagfix
