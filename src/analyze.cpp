#include "dagfix/analyze.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "files/items.hpp"
#include "files/notebook.hpp"
#include "fix/plan.hpp"
#include "proof.hpp"
#include "rules/context.hpp"
#include "rules/file_context.hpp"
#include "rules/suppression.hpp"

namespace dagfix {

namespace {

constexpr int kMaxPasses = 8;
constexpr std::string_view kSyntaxError = "KAP001";
constexpr std::string_view kUnusedSuppression = "KAP002";

void report_syntax_error(const SyntaxTree& tree, const RuleSet& rules,
                         std::vector<DraftFinding>& out) {
  if (tree.errors().empty() || !rules.runs(kSyntaxError)) return;
  const SyntaxError& first = tree.errors().front();
  const std::size_t more = tree.errors().size() - 1;
  DraftFinding finding;
  finding.rule = kSyntaxError;
  finding.severity = Severity::error;
  finding.range = first.range;
  finding.message = first.message;
  if (more > 0) {
    finding.message +=
        fmt::format(" (and {} more place{} in this file)", more, more == 1 ? "" : "s");
  }
  finding.remedy = "dagfix checks the rest of the file, but never rewrites it";
  out.push_back(std::move(finding));
}

void report_unused(const std::vector<Suppression>& suppressions, const RuleSet& rules,
                   std::vector<DraftFinding>& out) {
  if (!rules.runs(kUnusedSuppression)) return;
  const auto report = [&](const Suppression& suppression, std::string message) {
    DraftFinding finding;
    finding.rule = kUnusedSuppression;
    finding.severity = Severity::info;
    finding.range = suppression.range;
    finding.message = std::move(message);
    finding.remedy = "delete the comment, or the rule from its list";
    out.push_back(std::move(finding));
  };
  for (const Suppression& suppression : suppressions) {
    if (suppression.rules.empty() && !suppression.used[0]) {
      report(suppression, "this comment suppresses nothing");
    }
    for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
      if (suppression.used[i]) continue;
      const Rule* rule = rules.book().find(suppression.rules[i]);
      if (!rule) {
        report(suppression, fmt::format("there is no rule '{}'", suppression.rules[i]));
      } else if (rules.runs(rule->info.code)) {
        report(suppression, fmt::format("'{}' reports nothing here", suppression.rules[i]));
      }
    }
  }
}

std::vector<Edit> edits_up_to(const FileAnalysis& analysis, Safety most) {
  std::vector<Edit> edits;
  for (const Fix& fix : analysis.fixes) {
    if (fix.safety <= most) edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
  }
  std::ranges::sort(edits);
  return edits;
}

/// Whether the file imports something through the project's own modules, where the name may be any:
/// then no rule can be left out for want of its words. A site's rules may know any package.
bool imports_indirectly(const SemanticModel& model, const FileResolver& resolver) {
  return std::ranges::any_of(model.imports(), [&](const Import& import) {
    if (import.form != Import::Form::from || is_kaapana(import.module)) return false;
    return resolver.canonical(import.qualified()).has_value();
  });
}

void sort(std::vector<DraftFinding>& drafts) {
  std::ranges::stable_sort(drafts, {}, [](const DraftFinding& draft) {
    return std::tuple(draft.range, std::string_view(draft.rule));
  });
}

/// A file that is neither Python nor a notebook.
FileAnalysis analyze_items(const SourceFile& file, FileKind kind, const RuleSet& rules,
                           const Project& project) {
  const FileItems items = items_of(file.text(), kind, file.path());
  std::vector<Suppression> suppressions = find_suppressions(file, items.comments);
  std::vector<DraftFinding> drafts;
  FileRuleContext context{file, kind, items, project, rules, nullptr, nullptr, &drafts};
  context.is_suppressed = [&](ByteRange range) {
    return suppress(suppressions, context.rule->info, file.line_column(range.begin),
                    file.line_column(range.end));
  };
  for (const Rule* rule : rules.rules_for(kind, file.text())) {
    context.rule = rule;
    if (const FileRuleFunction function = file_function_of(*rule)) function(context);
  }
  report_unused(suppressions, rules, drafts);
  sort(drafts);
  return plan(std::move(drafts));
}

/// The places of an analysis of a notebook's code in the notebook. A fix that cannot be made there
/// leaves its findings without one.
FileAnalysis in_notebook(FileAnalysis code, const Notebook& notebook, const SourceFile& source) {
  std::vector<std::optional<std::uint32_t>> kept(code.fixes.size());
  FileAnalysis result;
  result.parses = code.parses;
  for (std::size_t i = 0; i < code.fixes.size(); ++i) {
    Fix fix{code.fixes[i].safety, std::move(code.fixes[i].title), {}};
    const bool fits = std::ranges::all_of(code.fixes[i].edits, [&](const Edit& edit) {
      auto moved = notebook.in_file(edit);
      if (moved) fix.edits.push_back(*std::move(moved));
      return moved.has_value();
    });
    if (!fits) continue;
    kept[i] = static_cast<std::uint32_t>(result.fixes.size());
    result.fixes.push_back(std::move(fix));
  }
  for (Finding& finding : code.findings) {
    const Notebook::Cell& cell = notebook.cell_at(finding.range.begin);
    const std::uint32_t line = source.line_column(finding.range.begin).line -
                               source.line_column(cell.range.begin).line + 1;
    finding.message = fmt::format("cell {}, line {}: {}", cell.number, line, finding.message);
    finding.range = notebook.in_file(finding.range);
    for (Related& related : finding.related) related.range = notebook.in_file(related.range);
    if (finding.fix) finding.fix = kept[*finding.fix];
    result.findings.push_back(std::move(finding));
  }
  return result;
}

FileAnalysis analyze_python(const SourceFile& file, const RuleSet& rules, const Project& project,
                            const RuleList& concerned) {
  const SyntaxTree tree = SyntaxTree::parse(file.text());
  const FileResolver resolver(project, file.path());
  return analyze(file, SemanticModel::build(tree, resolver), rules, project, concerned);
}

RuleList rules_for(const SourceFile& file, const RuleSet& rules, const Project& project) {
  return rules.rules_for(file.text(), FileResolver(project, file.path()));
}

FileAnalysis analyze_notebook(const SourceFile& file, const RuleSet& rules,
                              const Project& project) {
  const auto notebook = Notebook::read(file.text());
  if (!notebook) return {};
  const SourceFile source = SourceFile::from_utf8(file.path(), notebook->code());
  const RuleList concerned = rules_for(source, rules, project);
  return in_notebook(analyze_python(source, rules, project, concerned), *notebook, source);
}

}  // namespace

FileAnalysis analyze(const SourceFile& file, const SemanticModel& model, const RuleSet& rules,
                     const Project& project) {
  return analyze(file, model, rules, project, rules_for(file, rules, project));
}

FileAnalysis analyze(const SourceFile& file, const SemanticModel& model, const RuleSet& rules,
                     const Project& project, const RuleList& concerned) {
  const SyntaxTree& tree = model.tree();
  const FileResolver resolver(project, file.path());
  const std::vector<DagInfo> dags = find_dags(model);
  std::vector<Suppression> suppressions = find_suppressions(file, tree);
  std::vector<DraftFinding> drafts;
  report_syntax_error(tree, rules, drafts);
  RuleContext context{file, model, project, rules, dags, nullptr, nullptr, &drafts};
  context.is_suppressed = [&](ByteRange range) {
    if (suppressions.empty()) return false;
    return suppress(suppressions, context.rule->info, file.line_column(range.begin),
                    file.line_column(range.end));
  };
  const std::span<const Rule* const> all = rules.rules();
  for (const Rule* rule : imports_indirectly(model, resolver) ? all : concerned) {
    context.rule = rule;
    if (const RuleFunction function = function_of(*rule)) function(context);
  }
  report_unused(suppressions, rules, drafts);
  sort(drafts);
  return plan(model, std::move(drafts), tree.errors().empty());
}

FileAnalysis analyze(const SourceFile& file, const RuleSet& rules, const Project& project) {
  const FileKind kind = kind_of(file.path(), file.text());
  if (kind == FileKind::python) {
    return analyze_python(file, rules, project, rules_for(file, rules, project));
  }
  return kind == FileKind::notebook ? analyze_notebook(file, rules, project)
                                    : analyze_items(file, kind, rules, project);
}

FileAnalysis analyze(const SourceFile& file, const RuleSet& rules, const Project& project,
                     const RuleList& concerned) {
  return kind_of(file.path(), file.text()) == FileKind::python
             ? analyze_python(file, rules, project, concerned)
             : analyze(file, rules, project);
}

FixResult fix(const SourceFile& file, const RuleSet& rules, const Project& project, Safety most) {
  FixResult result;
  result.text = file.text();
  result.left = analyze(file, rules, project);
  for (int pass = 0; pass < kMaxPasses && result.left.parses; ++pass) {
    const auto edits = edits_up_to(result.left, most);
    if (edits.empty()) break;
    std::string text = apply_edits(result.text, edits);
    const SourceFile fixed = SourceFile::from_utf8(file.path(), text);
    FileAnalysis left = analyze(fixed, rules, project);
    const auto is_applied = [&](const Finding& finding) {
      return finding.fix && result.left.fixes[*finding.fix].safety <= most;
    };
    if (!left.parses) {
      for (const Fix& wrong : result.left.fixes) {
        if (wrong.safety > most) continue;
        result.bugs.push_back(fmt::format("the fix '{}' breaks the syntax", wrong.title));
      }
      break;
    }
    for (const Finding& finding : result.left.findings) {
      if (is_applied(finding)) result.applied.push_back(finding);
    }
    result.text = std::move(text);
    result.left = std::move(left);
  }
  if (result.bugs.empty() && result.text != file.text()) {
    const SourceFile fixed = SourceFile::from_utf8(file.path(), result.text);
    result.bugs = unproven(file, fixed, result.applied, rules, project);
  }
  return result;
}

std::vector<std::string> bugs_of_fix(const SourceFile& file, const FileAnalysis& analysis,
                                     std::uint32_t fix, const RuleSet& rules,
                                     const Project& project) {
  std::vector<Finding> fixed;
  std::ranges::copy_if(analysis.findings, std::back_inserter(fixed),
                       [&](const Finding& finding) { return finding.fix == fix; });
  const std::string text = apply_edits(file.text(), analysis.fixes[fix].edits);
  return unproven(file, SourceFile::from_utf8(file.path(), text), fixed, rules, project);
}

}  // namespace dagfix
