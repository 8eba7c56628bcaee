#include "fix/plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "fix/edits.hpp"
#include "fix/imports.hpp"

namespace dagfix {

namespace {

/// Plans fixes one after the other, against all that were taken before.
class Planner {
 public:
  /// `model` may be null if no draft asks for an import.
  Planner(const SemanticModel* model, const std::vector<DraftFinding>& drafts)
      : model_(model), drafts_(drafts), taken_by_(drafts.size()) {}

  std::vector<Fix> run() {
    plan_round(Safety::safe);
    plan_round(Safety::unsafe);
    return std::move(fixes_);
  }
  std::optional<std::uint32_t> fix_of(std::size_t draft) const { return taken_by_[draft]; }

 private:
  using Group = std::vector<std::size_t>;

  void plan_round(Safety safety) {
    for (const Group& group : groups(safety)) {
      if (take(group) || group.size() == 1) continue;
      // Together they conflict with something: each alone may not.
      for (const std::size_t draft : group) take({draft});
    }
  }

  /// Drafts of one safety; those that share an import statement or an edit are one group.
  std::vector<Group> groups(Safety safety) const {
    std::vector<std::size_t> leader(drafts_.size());
    std::iota(leader.begin(), leader.end(), std::size_t{0});
    const auto find = [&](std::size_t draft) {
      while (leader[draft] != draft) draft = leader[draft];
      return draft;
    };
    std::map<std::uint32_t, std::size_t> by_statement;
    std::map<Edit, std::size_t> by_edit;
    std::map<std::size_t, Group> result;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (!drafts_[i].fix || drafts_[i].fix->safety != safety) continue;
      const auto join = [&](auto& table, const auto& key) {
        const auto [entry, added] = table.try_emplace(key, i);
        if (!added) leader[find(i)] = find(entry->second);
      };
      for (const ImportRequest& request : drafts_[i].fix->imports) {
        join(by_statement, statement_of(request).id());
      }
      for (const Edit& edit : drafts_[i].fix->edits) join(by_edit, edit);
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      if (drafts_[i].fix && drafts_[i].fix->safety == safety) result[find(i)].push_back(i);
    }
    std::vector<Group> ordered;
    for (auto& [first, group] : result) ordered.push_back(std::move(group));
    std::ranges::sort(ordered);
    return ordered;
  }

  Node statement_of(const ImportRequest& request) const {
    return model_->imports()[request.old].statement;
  }

  bool take(const Group& group) {
    Fix fix;
    std::map<std::uint32_t, std::vector<ImportRequest>> requests;
    for (const std::size_t draft : group) {
      const FixDraft& wanted = *drafts_[draft].fix;
      fix.safety = std::max(fix.safety, wanted.safety);
      if (fix.title.empty()) fix.title = wanted.title;
      fix.edits.insert(fix.edits.end(), wanted.edits.begin(), wanted.edits.end());
      for (const ImportRequest& request : wanted.imports) {
        requests[statement_of(request).id()].push_back(request);
      }
    }
    for (const auto& [statement, wanted] : requests) {
      if (statements_.contains(statement)) return false;
      const auto edits = plan_statement(*model_, wanted);
      fix.edits.insert(fix.edits.end(), edits.begin(), edits.end());
    }
    std::ranges::sort(fix.edits);
    fix.edits.erase(std::unique(fix.edits.begin(), fix.edits.end()), fix.edits.end());
    if (fix.edits.empty() || !fits(fix.edits)) return false;
    if (group.size() > 1) fix.title += " and what belongs to it";
    for (const auto& entry : requests) statements_.insert(entry.first);
    edits_.insert(fix.edits.begin(), fix.edits.end());
    for (const std::size_t draft : group) {
      taken_by_[draft] = static_cast<std::uint32_t>(fixes_.size());
    }
    fixes_.push_back(std::move(fix));
    return true;
  }

  bool fits(const std::vector<Edit>& edits) const {
    for (std::size_t i = 0; i + 1 < edits.size(); ++i) {
      if (conflict(edits[i], edits[i + 1])) return false;
    }
    return std::ranges::none_of(edits, [&](const Edit& edit) {
      // Taken edits are disjoint and sorted: only the neighbours can conflict.
      const auto after = edits_.lower_bound(edit);
      if (after != edits_.end() && (*after == edit || conflict(*after, edit))) return true;
      if (after != edits_.begin() && conflict(*std::prev(after), edit)) return true;
      return after != edits_.end() && std::next(after) != edits_.end() &&
             conflict(*std::next(after), edit);
    });
  }

  const SemanticModel* model_;
  const std::vector<DraftFinding>& drafts_;
  std::vector<std::optional<std::uint32_t>> taken_by_;
  std::vector<Fix> fixes_;
  std::set<Edit> edits_;
  std::set<std::uint32_t> statements_;
};

FileAnalysis plan_with(const SemanticModel* model, std::vector<DraftFinding> drafts) {
  FileAnalysis analysis;
  Planner planner(model, drafts);
  analysis.fixes = planner.run();
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    DraftFinding& draft = drafts[i];
    analysis.findings.push_back({std::move(draft.rule), draft.severity.value_or(Severity::warning),
                                 draft.range, std::move(draft.message), std::move(draft.remedy),
                                 std::move(draft.related), planner.fix_of(i)});
  }
  return analysis;
}

}  // namespace

FileAnalysis plan(const SemanticModel& model, std::vector<DraftFinding> drafts, bool parses) {
  if (!parses) {
    for (DraftFinding& draft : drafts) draft.fix.reset();
  }
  FileAnalysis analysis = plan_with(&model, std::move(drafts));
  analysis.parses = parses;
  return analysis;
}

FileAnalysis plan(std::vector<DraftFinding> drafts) {
  return plan_with(nullptr, std::move(drafts));
}

}  // namespace dagfix
