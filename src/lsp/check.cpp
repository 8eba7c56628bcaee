#include "lsp/check.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <set>

#include "lsp/document.hpp"
#include "lsp/project_fixes.hpp"
#include "lsp/protocol.hpp"
#include "lsp/uri.hpp"
#include "parallel.hpp"
#include "report/common.hpp"
#include "report/report.hpp"

namespace dagfix::lsp {

namespace {

/// How the editor calls a file, and which version it has of it.
struct Name {
  std::string uri;
  std::optional<std::int64_t> version;
};

Name name_of(const std::string& folder, const std::string& path, const OpenFiles& open) {
  const std::string full = path_in(folder, path);
  const auto found = open.find(full);
  if (found == open.end()) return {uri_of_path(full), std::nullopt};
  return {found->second.uri, found->second.version};
}

/// A file with its text and what was found in it; none if that is nothing.
struct Found {
  SourceFile file;
  Text text;
  FileAnalysis analysis;
};

std::optional<Found> findings_of(const Survey& survey, const std::string& path) {
  auto file = load_buffer(survey, path);
  if (!file || !is_concerned(file->text(), path, survey)) return std::nullopt;
  FileAnalysis analysis = analyse_file(*file, survey);
  if (analysis.findings.empty()) return std::nullopt;
  Text text{std::string(file->text())};
  return Found{*std::move(file), std::move(text), std::move(analysis)};
}

/// What is found in the files that the survey says something of, in their order. Uses the survey's
/// threads.
std::vector<std::optional<Found>> find_all(const Survey& survey, const SurveyRequest& request) {
  const auto& paths = survey.concerned;
  std::vector<std::optional<Found>> found(paths.size());
  request.begin("analysing", paths.size());
  parallel_for(paths.size(), survey.jobs, [&](std::size_t i) {
    if (request.is_cancelled()) return;
    found[i] = findings_of(survey, paths[i]);
    request.step();
  });
  return found;
}

std::vector<std::size_t> concerned_of(const Survey& survey) {
  std::vector<std::size_t> files;
  for (const std::string& path : survey.concerned) files.push_back(survey.project->index_of(path));
  return files;
}

/// Counts for the plan.
struct Counts {
  std::size_t safe = 0;
  std::size_t unsafe = 0;
  std::size_t manual = 0;

  void add(const Finding& finding, const FileAnalysis& analysis) {
    const Safety safety = finding.fix ? analysis.fixes[*finding.fix].safety : Safety::manual;
    ++(safety == Safety::safe ? safe : safety == Safety::unsafe ? unsafe : manual);
  }
};

std::string table(std::string_view head, const std::map<std::string, Counts>& rows) {
  std::string text =
      fmt::format("| {} | safe fix | unsafe fix | by hand |\n|---|---|---|---|\n", head);
  for (const auto& [name, counts] : rows) {
    text += fmt::format("| {} | {} | {} | {} |\n", name, counts.safe, counts.unsafe, counts.manual);
  }
  return text;
}

/// What the plan of a folder is made of.
struct Tally {
  std::map<std::string, Counts> rules;
  std::map<std::string, Counts> files;
  std::string by_hand;  ///< A Markdown list.

  void add(const SourceFile& file, const Finding& finding, const FileAnalysis& analysis,
           const RuleBook& book) {
    const Rule* const rule = book.find(finding.rule);
    rules[fmt::format("{} {}", finding.rule, rule ? rule->info.name : "")].add(finding, analysis);
    files[file.path()].add(finding, analysis);
    if (finding.fix) return;
    by_hand += fmt::format(
        "- `{}:{}` {} {}\n", file.path(), file.line_column(finding.range.begin).line,
        escaped_markdown(sentence(finding.message)), escaped_markdown(sentence(finding.remedy)));
  }
};

std::string plan_of(const SurveyRequest& request, const Survey& survey, const Tally& tally) {
  const std::string name = request.folder.substr(request.folder.rfind('/') + 1);
  std::string text = fmt::format("# Migration of {}\n\nFrom Kaapana {}", escaped_markdown(name),
                                 to_string(survey.rules->from()));
  if (!survey.from_evidence.empty()) text += fmt::format(" (detected: {})", survey.from_evidence);
  text += fmt::format(" to {}.\n\n", to_string(survey.rules->to()));
  if (tally.files.empty()) return text + "Nothing to do.\n";
  text += table("rule", tally.rules) + "\n" + table("file", tally.files);
  if (!tally.by_hand.empty()) text += fmt::format("\n## By hand\n\n{}", tally.by_hand);
  for (const auto& [path, why] : survey.failures) {
    text += fmt::format("\n{} could not be read: {}\n", path, why);
  }
  return text;
}

}  // namespace

Json check_file(const Survey& survey, const std::string& path, const std::string& uri,
                const Capabilities& client) {
  const auto found = findings_of(survey, path);
  if (!found) return Json::array();
  return diagnostics_of({uri, std::nullopt, found->text}, found->analysis, *survey.book, client);
}

std::expected<Checked, std::string> check_folders(Host& host,
                                                  const std::vector<SurveyRequest>& folders,
                                                  const OpenFiles& open,
                                                  const Capabilities& client) {
  Checked checked;
  for (const SurveyRequest& request : folders) {
    const auto survey = host.survey(request);
    if (!survey) return std::unexpected(survey.error());
    const RuleBook& book = *(*survey)->book;
    Tally tally;
    for (const auto& found : find_all(**survey, request)) {
      if (!found) continue;
      const auto& [file, text, analysis] = *found;
      const Name name = name_of(request.folder, file.path(), open);
      Json items = diagnostics_of({name.uri, name.version, text}, analysis, book, client);
      std::string id = result_id_of(items);
      checked.files.push_back({name.uri, file.path(), std::move(items), std::move(id)});
      for (const Finding& finding : analysis.findings) tally.add(file, finding, analysis, book);
    }
    if (request.is_cancelled()) return std::unexpected(std::string(kCancelled));
    if (!checked.plan.empty()) checked.plan += '\n';
    checked.plan += plan_of(request, **survey, tally);
  }
  return checked;
}

std::expected<Migrated, std::string> migrate_folders(Host& host,
                                                     const std::vector<SurveyRequest>& folders,
                                                     const OpenFiles& open, bool unsafe,
                                                     const Capabilities& client) {
  Migrated migrated{{}, Json::array(), {}, {}};
  WorkspaceEdit edit(client);
  std::set<std::string> complaints;  // several files may have the same
  for (const SurveyRequest& request : folders) {
    const auto survey = host.survey(request);
    if (!survey) return std::unexpected(survey.error());
    const Survey& known = **survey;
    const Safety most = unsafe ? Safety::unsafe : known.most;
    request.begin("analysing", known.concerned.size());
    const auto changes = fix_files(known, *known.rules, concerned_of(known), most, [&] {
      request.step();
      return !request.is_cancelled();
    });
    if (request.is_cancelled()) return std::unexpected(std::string(kCancelled));
    for (const auto& [index, one] : changes) {
      const auto& [file, change] = one;
      if (change.edits.empty()) {
        complaints.insert(change.complaint);
        continue;
      }
      const Text text{std::string(file.text())};
      const Name name = name_of(request.folder, file.path(), open);
      edit.add({name.uri, name.version, text}, change.edits,
               change.safety == Safety::safe ? "Migration of the workspace: safe fixes"
                                             : "Migration of the workspace: unsafe fixes, too");
      migrated.files.push_back(
          {{"uri", name.uri}, {"path", file.path()}, {"findings", change.findings}});
      migrated.diff +=
          unified_diff(file.path(), file.text(), apply_edits(file.text(), change.edits));
    }
  }
  migrated.complaints.assign(complaints.begin(), complaints.end());
  migrated.edit = edit.take();
  return migrated;
}

}  // namespace dagfix::lsp
