#include "dagfix/graph.hpp"

#include <algorithm>
#include <map>

#include "dag/read_graph.hpp"
#include "project/graph_modules.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix {

namespace {

bool touches(ByteRange a, ByteRange b) { return a.begin < b.end && b.begin < a.end; }

bool is_about(const Finding& finding, const GraphTask& task, const RuleSet& rules) {
  if (task.place.range.contains(finding.range)) return true;
  const Rule* rule = rules.book().find(finding.rule);
  return rule && !task.class_path.empty() && rule->replacement.old_class == task.class_path;
}

void add(std::vector<std::string>& codes, const std::string& code) {
  if (std::ranges::find(codes, code) == codes.end()) codes.push_back(code);
}

/// Classes of the tasks with a known id.
std::map<std::pair<std::string, std::string>, std::string> classes_of(const DagGraph& graph) {
  std::map<std::pair<std::string, std::string>, std::string> classes;
  for (const GraphDag& dag : graph.dags) {
    for (const GraphTask& task : dag.tasks) {
      if (task.id) classes.emplace(std::pair(dag.id.value_or(""), *task.id), task.class_path);
    }
  }
  return classes;
}

}  // namespace

DagGraph read_graph(const SourceFile& file, const RuleSet& rules, const Project& project,
                    GraphSide side) {
  const SyntaxTree tree = SyntaxTree::parse(file.text());
  const FileResolver resolver(project, file.path());
  const SemanticModel model = SemanticModel::build(tree, resolver);
  const ProjectGraphModules modules(project);
  const Version version = side == GraphSide::source ? rules.from() : rules.to();
  return read_graph(model, file.path(), rules.book().task_names(version), modules);
}

void mark_changes(DagGraph& before, const SourceFile& file, const FileAnalysis& analysis,
                  const RuleSet& rules, const Project& project, Safety most) {
  const FixResult fixed = fix(file, rules, project, most);
  const DagGraph after =
      read_graph(SourceFile::from_utf8(file.path(), fixed.text), rules, project, GraphSide::target);
  const auto classes = classes_of(after);
  for (GraphDag& dag : before.dags) {
    for (GraphTask& task : dag.tasks) {
      if (!task.place.path.empty()) continue;
      for (const Finding& finding : analysis.findings) {
        const Fix* planned = finding.fix ? &analysis.fixes[*finding.fix] : nullptr;
        const bool is_fixed =
            planned && planned->safety <= most &&
            std::ranges::any_of(planned->edits, [&](const Edit& edit) {
              return touches(edit.range, task.place.range) ||
                     (edit.range.size() == 0 && task.place.range.contains(edit.range));
            });
        if (is_fixed) task.is_rewritten = true;
        if (is_fixed && is_about(finding, task, rules)) add(task.rules, finding.rule);
        if ((!planned || planned->safety > most) && is_about(finding, task, rules)) {
          add(task.left_to_you, finding.rule);
        }
      }
      if (!task.id) continue;
      const auto found = classes.find({dag.id.value_or(""), *task.id});
      if (found == classes.end() || found->second == task.class_path) continue;
      task.becomes = found->second;
      // The call may stay as it is, and only what its name means be changed: X = Old; X(...)
      for (const Finding& finding : fixed.applied) {
        const Rule* rule = rules.book().find(finding.rule);
        if (!rule || rule->replacement.old_class != task.class_path) continue;
        task.is_rewritten = true;
        add(task.rules, finding.rule);
      }
    }
  }
}

}  // namespace dagfix
