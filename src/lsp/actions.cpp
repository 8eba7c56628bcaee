#include "lsp/actions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lsp/project_fixes.hpp"

namespace dagfix::lsp {

namespace {

bool touches(ByteRange a, ByteRange b) { return a.begin <= b.end && b.begin <= a.end; }

class Offer {
 public:
  Offer(Document& document, const Survey& survey, std::span<const std::string> only)
      : document_(document), survey_(survey), only_(only), file_(document.analysis.file) {}

  std::vector<Action> take(ByteRange range) {
    if (is_wanted(kQuickFix, only_)) {
      for (std::size_t i = 0; i < file_.findings.size(); ++i) {
        if (touches(file_.findings[i].range, range)) here_.push_back(i);
      }
      for (const std::size_t index : here_) add_fix(index);
      for (const std::size_t index : here_) add_fix_of_rule(index);
    }
    const auto has = [&](Safety safety) {
      return std::ranges::any_of(file_.fixes, [&](const Fix& fix) { return fix.safety == safety; });
    };
    if (is_wanted(kFixAll, only_) && has(Safety::safe)) {
      actions_.push_back({"Make all safe dagfix fixes in this file", kFixAll, {}, {}, {}, {}, {}});
    }
    if (std::ranges::find(only_, kFixAllUnsafe) != only_.end() && !file_.fixes.empty()) {
      actions_.push_back({"Make all dagfix fixes in this file, also unsafe ones",
                          kFixAllUnsafe,
                          {},
                          {},
                          {},
                          {},
                          {}});
    }
    if (is_wanted(kQuickFix, only_)) add_ignores();
    return std::move(actions_);
  }

 private:
  std::string name_of_rule(std::string_view code) const {
    const Rule* const rule = survey_.book->find(code);
    return rule ? rule->info.name : std::string(code);
  }

  void add_fix(std::size_t index) {
    const Finding& finding = file_.findings[index];
    if (!finding.fix || std::ranges::find(fixes_, *finding.fix) != fixes_.end()) return;
    fixes_.push_back(*finding.fix);
    const Fix& fix = file_.fixes[*finding.fix];
    const auto bugs =
        bugs_of_fix(source_of(document_), file_, *finding.fix, *survey_.rules, *survey_.project);
    const bool is_offered = bugs.empty();
    const bool is_safe = fix.safety == Safety::safe;
    Action action{title_of(fix), kQuickFix, is_offered && is_safe, {}, {}, {}, {}};
    if (!is_offered) {
      action.change.complaint = complaint_of(document_.path, bugs);
    } else if (is_imported(document_, survey_)) {
      // What it does in other files takes time to find out.
      action.fix = finding.fix;
    } else {
      action.change = {fix.edits, 0, fix.safety};
    }
    for (std::size_t i = 0; i < file_.findings.size(); ++i) {
      if (file_.findings[i].fix == finding.fix) action.findings.push_back(i);
    }
    actions_.push_back(std::move(action));
  }

  void add_fix_of_rule(std::size_t index) {
    const std::string& code = file_.findings[index].rule;
    if (std::ranges::find(rules_, code) != rules_.end()) return;
    rules_.push_back(code);
    Action action{{}, kQuickFix, false, {}, code, {}, {}};
    for (std::size_t i = 0; i < file_.findings.size(); ++i) {
      if (file_.findings[i].rule == code && file_.findings[i].fix) action.findings.push_back(i);
    }
    if (action.findings.size() < 2) return;
    action.title = fmt::format("Fix all {} findings of {} in this file", action.findings.size(),
                               name_of_rule(code));
    actions_.push_back(std::move(action));
  }

  void add_ignores() {
    // Where a comment can stand in other files, and what it looks like, is not certain.
    if (here_.empty() || document_.kind != FileKind::python) return;
    const SourceFile file = source_of(document_);
    const SyntaxTree tree = document_.parser.parse(file.text());
    std::vector<std::string> done;
    for (const std::size_t index : here_) {
      const Finding& finding = file_.findings[index];
      const std::string name = name_of_rule(finding.rule);
      // These two are about comments, or about code that cannot be read.
      const bool is_of_dagfix = finding.rule == "KAP001" || finding.rule == "KAP002";
      if (is_of_dagfix || std::ranges::find(done, name) != done.end()) continue;
      done.push_back(name);
      if (auto edit = ignore_on_line(file, tree, finding.range, name)) {
        actions_.push_back({fmt::format("Ignore {} on this line", name),
                            kQuickFix,
                            false,
                            {index},
                            {},
                            {},
                            {{*std::move(edit)}, 1}});
      }
      actions_.push_back({fmt::format("Ignore {} in this file", name),
                          kQuickFix,
                          false,
                          {index},
                          {},
                          {},
                          {{ignore_in_file(file, tree, name)}, 1}});
    }
  }

  Document& document_;
  const Survey& survey_;
  std::span<const std::string> only_;
  const FileAnalysis& file_;
  std::vector<std::size_t> here_;
  std::vector<std::uint32_t> fixes_;
  std::vector<std::string> rules_;
  std::vector<Action> actions_;
};

}  // namespace

std::string title_of(const Fix& fix) {
  // As the editor's other titles begin.
  std::string title = fix.title;
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] += 'A' - 'a';
  return fix.safety == Safety::safe ? title : title + " (unsafe: check the result)";
}

bool is_wanted(std::string_view kind, std::span<const std::string> only) {
  return only.empty() || std::ranges::any_of(only, [&](const std::string& wanted) {
           return wanted.empty() || kind == wanted ||
                  (kind.starts_with(wanted) && kind[wanted.size()] == '.');
         });
}

std::vector<Action> actions_at(Document& document, const Survey& survey, ByteRange range,
                               std::span<const std::string> only) {
  return Offer(document, survey, only).take(range);
}

Change change_of(const Document& document, const Survey& survey, const Action& action) {
  if (action.fix) return fix_one(document, survey, *action.fix);
  if (!action.rule.empty()) return fix_rule(document, survey, action.rule);
  const Safety most = action.kind == kFixAllUnsafe ? Safety::unsafe : Safety::safe;
  return fix_document(document, survey, *survey.rules, most);
}

std::string_view confirmation_for(Safety safety) {
  return safety == Safety::safe ? "" : "Unsafe fixes: probably right, a person has to look";
}

}  // namespace dagfix::lsp
