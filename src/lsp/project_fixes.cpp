#include "lsp/project_fixes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fix/edits.hpp"
#include "parallel.hpp"

namespace dagfix::lsp {

namespace {

using FileChanges = std::map<std::size_t, FileChange>;

bool is_anything(const Change& change) {
  return !change.edits.empty() || !change.complaint.empty();
}

/// Replaces changes by complaints where they break DAGs in other files.
void withdraw(const Survey& survey, const RuleSet& rules, FileChanges& changes) {
  FixedTexts fixed;
  for (const auto& [index, one] : changes) {
    if (one.change.edits.empty()) continue;
    fixed.emplace(index,
                  FixedText{apply_edits(one.file.text(), one.change.edits), one.change.rules});
  }
  if (fixed.empty()) return;
  const Project& project = *survey.project;
  for (const BrokenImporter& broken :
       withdraw_unproven(project, survey.import_graph(), rules, fixed, survey.jobs)) {
    std::string complaint;
    for (const std::string& what : broken.what) {
      if (!complaint.empty()) complaint += '\n';
      complaint += fmt::format("bug of dagfix: {}", message(broken, what, project));
    }
    for (const std::size_t index : broken.changed) {
      changes.at(index).change = {{}, 0, Safety::safe, {}, complaint};
    }
  }
}

FileChanges fix_each(const Survey& survey, const RuleSet& rules, std::span<const std::size_t> files,
                     Safety most, const std::function<bool()>& step) {
  std::vector<std::optional<FileChange>> made(files.size());
  parallel_for(files.size(), survey.jobs, [&](std::size_t i) {
    if (!step()) return;
    auto file = load_buffer(survey, survey.project->paths()[files[i]]);
    if (!file || !is_concerned(file->text(), file->path(), survey)) return;
    Change change = fix_file(*file, rules, *survey.project, most);
    if (is_anything(change)) made[i].emplace(*std::move(file), std::move(change));
  });
  FileChanges changes;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (made[i]) changes.emplace(files[i], *std::move(made[i]));
  }
  return changes;
}

/// The fixes of the other files that decide with those of file `index` what becomes of DAGs: of
/// files that are part of the same ones, and so on from those that have fixes.
FileChanges fix_others(const Survey& survey, const RuleSet& rules, std::size_t index, Safety most) {
  FileChanges others;
  std::set<std::size_t> seen = {index};
  std::vector<std::size_t> open = {index};
  while (!open.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t fixed : open) {
      for (const std::size_t file : survey.import_graph().together_with(fixed)) {
        const std::string& path = survey.project->paths()[file];
        if (seen.insert(file).second && std::ranges::binary_search(survey.concerned, path)) {
          next.push_back(file);
        }
      }
    }
    open.clear();
    for (auto& [file, one] : fix_each(survey, rules, next, most, [] { return true; })) {
      if (one.change.edits.empty()) continue;
      open.push_back(file);
      others.emplace(file, std::move(one));
    }
  }
  return others;
}

Change proven(const Document& document, const Survey& survey, const RuleSet& rules,
              FileChanges changes, Change change) {
  const std::size_t index = survey.project->index_of(document.path);
  if (change.edits.empty() || index == Project::npos) return change;
  changes.insert_or_assign(index, FileChange{source_of(document), std::move(change)});
  withdraw(survey, rules, changes);
  return std::move(changes.at(index).change);
}

}  // namespace

FileChanges fix_files(const Survey& survey, const RuleSet& rules,
                      std::span<const std::size_t> files, Safety most,
                      const std::function<bool()>& step) {
  FileChanges changes = fix_each(survey, rules, files, most, step);
  withdraw(survey, rules, changes);
  return changes;
}

Change fix_document(const Document& document, const Survey& survey, const RuleSet& rules,
                    Safety most) {
  Change change = fix_file(source_of(document), rules, *survey.project, most);
  const std::size_t index = survey.project->index_of(document.path);
  if (change.edits.empty() || index == Project::npos) return change;
  return proven(document, survey, rules, fix_others(survey, rules, index, most), std::move(change));
}

Change fix_rule(const Document& document, const Survey& survey, std::string_view code) {
  const RuleSet& rules = *survey.rules;
  const auto only =
      RuleSet::select(rules.book(), rules.from(), rules.to(), {{std::string(code)}, {}});
  if (!only) return {};
  Change change = fix_document(document, survey, *only, Safety::safe);
  return is_anything(change) ? change : fix_document(document, survey, *only, Safety::unsafe);
}

bool is_imported(const Document& document, const Survey& survey) {
  const std::size_t index = survey.project->index_of(document.path);
  return index != Project::npos && survey.import_graph().is_imported(index);
}

Change fix_one(const Document& document, const Survey& survey, std::uint32_t fix) {
  const FileAnalysis& analysis = document.analysis.file;
  Change change{analysis.fixes[fix].edits, 0, analysis.fixes[fix].safety};
  for (const Finding& finding : analysis.findings) {
    if (finding.fix != fix) continue;
    ++change.findings;
    change.rules.insert(finding.rule);
  }
  return proven(document, survey, *survey.rules, {}, std::move(change));
}

}  // namespace dagfix::lsp
