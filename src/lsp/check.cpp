#include "lsp/check.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>

#include "lsp/document.hpp"
#include "lsp/fixes.hpp"
#include "lsp/protocol.hpp"
#include "lsp/uri.hpp"
#include "report/common.hpp"
#include "report/report.hpp"

namespace dagfix::lsp {

namespace {

std::optional<std::int64_t> version_of(const Versions& versions, const std::string& uri) {
  const auto found = versions.find(uri);
  return found == versions.end() ? std::nullopt : std::optional(found->second);
}

/// The file as an editor has it: without its byte order mark.
SourceFile as_buffer(SourceFile file) {
  if (!file.has_bom()) return file;
  return SourceFile::from_utf8(file.path(), std::string(file.text().substr(3)));
}

using Visit =
    std::function<void(const Survey& survey, const SourceFile& file, const std::string& uri)>;

std::expected<std::shared_ptr<Survey>, std::string> for_each_file(Host& host,
                                                                  const SurveyRequest& request,
                                                                  const Visit& visit) {
  auto survey = host.survey(request);
  if (!survey) return survey;
  request.begin("analysing", (*survey)->concerned.size());
  for (const std::string& path : (*survey)->concerned) {
    if (request.is_cancelled()) return std::unexpected(std::string(kCancelled));
    auto file = (*survey)->load(path);
    if (file && file->text().size() <= kMostAnalysedBytes) {
      const SourceFile buffer = as_buffer(*std::move(file));
      visit(**survey, buffer, uri_of_path(fmt::format("{}/{}", request.folder, path)));
    }
    request.step();
  }
  return survey;
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

std::string plan_of(const SurveyRequest& request, const Survey& survey,
                    const std::map<std::string, Counts>& rules,
                    const std::map<std::string, Counts>& files) {
  std::string text =
      fmt::format("# {}\n\nFrom Kaapana {}", request.folder, to_string(survey.rules.from()));
  if (!survey.from_evidence.empty()) text += fmt::format(" (detected: {})", survey.from_evidence);
  text += fmt::format(" to {}.\n\n", to_string(survey.rules.to()));
  if (files.empty()) return text + "Nothing to do.\n";
  text += table("rule", rules) + "\n" + table("file", files);
  for (const auto& [path, why] : survey.failures) {
    text += fmt::format("\n{} could not be read: {}\n", path, why);
  }
  return text;
}

}  // namespace

std::expected<Checked, std::string> check_folders(Host& host,
                                                  const std::vector<SurveyRequest>& folders,
                                                  const Versions& versions,
                                                  const Capabilities& client) {
  Checked checked;
  for (const SurveyRequest& request : folders) {
    std::map<std::string, Counts> rules;
    std::map<std::string, Counts> paths;
    const auto survey = for_each_file(
        host, request, [&](const Survey& known, const SourceFile& file, const std::string& uri) {
          if (!is_concerned(file.text(), file.path(), known)) return;
          const FileAnalysis analysis = analyse_file(file, known);
          if (analysis.findings.empty()) return;
          const Text text{std::string(file.text())};
          Json items =
              diagnostics_of({uri, version_of(versions, uri), text}, analysis, *known.book, client);
          std::string id = result_id_of(items);
          checked.files.push_back({uri, file.path(), std::move(items), std::move(id)});
          for (const Finding& finding : analysis.findings) {
            const Rule* const rule = known.book->find(finding.rule);
            rules[fmt::format("{} {}", finding.rule, rule ? rule->info.name : "")].add(finding,
                                                                                       analysis);
            paths[file.path()].add(finding, analysis);
          }
        });
    if (!survey) return std::unexpected(survey.error());
    if (!checked.plan.empty()) checked.plan += '\n';
    checked.plan += plan_of(request, **survey, rules, paths);
  }
  return checked;
}

std::expected<Migrated, std::string> migrate_folders(Host& host,
                                                     const std::vector<SurveyRequest>& folders,
                                                     const Versions& versions, bool unsafe,
                                                     const Capabilities& client) {
  Migrated migrated{{}, Json::array(), {}};
  WorkspaceEdit edit(client);
  for (const SurveyRequest& request : folders) {
    const auto survey = for_each_file(
        host, request, [&](const Survey& known, const SourceFile& file, const std::string& uri) {
          if (!is_concerned(file.text(), file.path(), known)) return;
          const Safety most = unsafe ? Safety::unsafe : known.most;
          const Change change = fix_file(file, known.rules, *known.project, most);
          if (change.edits.empty()) return;
          const Text text{std::string(file.text())};
          edit.add({uri, version_of(versions, uri), text}, change.edits,
                   change.safety == Safety::safe ? "Migration of the workspace: safe fixes"
                                                 : "Migration of the workspace: unsafe fixes, too");
          migrated.files.push_back(
              {{"uri", uri}, {"path", file.path()}, {"findings", change.findings}});
          migrated.diff +=
              unified_diff(file.path(), file.text(), apply_edits(file.text(), change.edits));
        });
    if (!survey) return std::unexpected(survey.error());
  }
  migrated.edit = edit.take();
  return migrated;
}

}  // namespace dagfix::lsp
