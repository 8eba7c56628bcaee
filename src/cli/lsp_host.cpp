#include "cli/lsp_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/baseline.hpp"
#include "cli/files.hpp"
#include "cli/inputs.hpp"
#include "cli/job.hpp"
#include "cli/options.hpp"
#include "cli/posix.hpp"
#include "cli/prepare.hpp"
#include "cli/rule_files.hpp"

namespace dagfix {

namespace {

void take(const OptionSpec& spec, const std::vector<std::string>& values, const std::string& folder,
          Settings& settings) {
  const bool is_path =
      spec.complete == OptionSpec::Complete::file || spec.complete == OptionSpec::Complete::folder;
  const auto resolved = [&](const std::string& value) {
    return is_path && !value.starts_with('/') ? join_path(folder, value) : value;
  };
  if (const auto* flag = std::get_if<Settings::Flag Settings::*>(&spec.target)) {
    settings.** flag = values.front() == "true";
  } else if (const auto* text = std::get_if<Settings::Text Settings::*>(&spec.target)) {
    settings.** text = resolved(values.front());
  } else if (const auto* list = std::get_if<Settings::List Settings::*>(&spec.target)) {
    for (const std::string& value : values) (settings.**list).push_back(resolved(value));
  }
}

/// The command line that would do the same.
std::expected<CommandLine, std::string> line_of(const lsp::SurveyRequest& request) {
  CommandLine line;
  for (const OptionSpec& spec : option_specs()) {
    const auto given = request.settings.find(spec.name);
    if (!spec.in_config || given == request.settings.end()) continue;
    for (const std::string& value : given->second) {
      if (auto checked = check_text(spec, value); !checked) {
        return std::unexpected(fmt::format("setting {}: {}", spec.name, checked.error()));
      }
    }
    take(spec, given->second, request.folder, line.settings);
    line.places.emplace(spec.name, fmt::format("setting {}", spec.name));
  }
  line.paths.push_back(request.file ? join_path(request.folder, *request.file) : request.folder);
  return line;
}

/// A path as someone in the folder writes it; what lies elsewhere, with "..".
std::string path_in_folder(const std::string& folder, const std::string& path) {
  return std::filesystem::path(path).lexically_relative(folder).string();
}

/// Files on disk with the texts of the editor, and documents that are not on disk yet.
std::vector<Input> inputs_of(const lsp::SurveyRequest& request, const CommandLine& line,
                             const std::string& exclude_root) {
  std::vector<Input> inputs;
  if (!request.only_buffers) {
    inputs = collect_inputs(line, exclude_root, request.is_cancelled).files;
    for (Input& input : inputs) input.path = path_in_folder(request.folder, input.path);
  }
  for (const auto& [path, text] : request.buffers) {
    const auto known = std::ranges::find(inputs, path, &Input::path);
    if (known != inputs.end()) {
      known->bytes = *text;
      known->is_text = true;
      continue;
    }
    std::error_code ignored;
    const bool is_left_out = !request.file && !request.only_buffers &&
                             std::filesystem::exists(join_path(request.folder, path), ignored);
    if (!is_left_out) inputs.push_back({path, request.file.has_value(), *text, true});
  }
  std::ranges::sort(inputs, {}, &Input::path);
  return inputs;
}

using Known = std::map<std::string, std::map<std::string, std::size_t>>;

/// The counts of a baseline by paths relative to the folder.
std::expected<Known, std::string> known_findings(const std::string& baseline,
                                                 const std::string& folder,
                                                 const std::vector<std::string>& paths) {
  const auto text = read_file(baseline);
  if (!text) return std::unexpected(fmt::format("{}: {}", baseline, text.error()));
  const auto counts = parse_baseline(*text);
  if (!counts) return std::unexpected(fmt::format("{}: {}", baseline, counts.error()));
  Known known;
  for (const std::string& path : paths) {
    const auto found = counts->find(baseline_path(parent_folder(baseline), folder, path));
    if (found != counts->end()) known.emplace(path, found->second);
  }
  return known;
}

std::shared_ptr<lsp::Survey> survey_of(std::shared_ptr<const RuleBook> book, const Job& job,
                                       Prepared prepared, Known known) {
  const auto& paths = prepared.project->paths();
  std::map<std::string, ProjectFacts> facts;
  for (auto& [index, part] : prepared.facts) facts.emplace(paths[index], std::move(part));
  std::set<std::string, std::less<>> always;
  std::vector<std::string> concerned;
  std::vector<std::pair<std::string, std::string>> failures;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Scan::File& file = prepared.scan.files[i];
    if (file.failure) failures.emplace_back(paths[i], *file.failure);
    if (file.interest == Scan::Interest::analysis) always.insert(paths[i]);
    if (file.interest != Scan::Interest::none && !file.failure) concerned.push_back(paths[i]);
  }
  FactSearch search(fact_words(prepared.rules));
  // The project reads through the files, which have to live as long.
  const auto files = std::shared_ptr<InputFiles>(std::move(prepared.files));
  auto load = [files](const std::string& path) -> std::expected<SourceFile, std::string> {
    if (const auto index = files->index_of(path)) return files->load(*index);
    return std::unexpected("is not part of the project");
  };
  auto set_text = [files](const std::string& path, const std::string& text) {
    if (const auto index = files->index_of(path)) files->set_text(*index, text);
  };
  return std::make_shared<lsp::Survey>(lsp::Survey{
      std::move(book), std::make_shared<const RuleSet>(std::move(prepared.rules)),
      std::move(prepared.from.evidence), job.selection, job.most, std::move(prepared.project),
      std::move(search), std::move(facts), std::move(always), std::move(known),
      std::move(concerned), std::move(failures), std::move(load), std::move(set_text), job.jobs});
}

}  // namespace

std::expected<std::shared_ptr<const RuleBook>, std::string> LspHost::rules_of(
    const std::vector<std::string>& folders) {
  const std::lock_guard lock(mutex_);
  if (folders.empty() && own_rules_) return own_rules_;
  auto loaded = load_rules(folders);
  if (!loaded) return std::unexpected(loaded.error());
  auto book = std::make_shared<const RuleBook>(*std::move(loaded));
  if (folders.empty()) own_rules_ = book;
  return book;
}

std::expected<std::shared_ptr<lsp::Survey>, std::string> LspHost::survey(
    const lsp::SurveyRequest& request) {
  auto line = line_of(request);
  if (!line) return std::unexpected(line.error());
  auto exclude_root = add_config(*line);
  if (!exclude_root) return std::unexpected(exclude_root.error());
  if (request.settings.contains("exclude")) exclude_root = request.folder;
  auto book = rules_of(line->settings.rules);
  if (!book) return std::unexpected(book.error());
  const auto job = make_job(*line, **book);
  if (!job) return std::unexpected(job.error());
  auto rules = widest_rules(*job, **book);
  if (!rules) return std::unexpected(rules.error());
  auto prepared = prepare(*job, *std::move(rules), inputs_of(request, *line, *exclude_root),
                          request.folder, {request.begin, request.step, request.is_cancelled});
  if (!prepared) return std::unexpected(prepared.error());
  Known known;
  if (const auto& baseline = line->settings.baseline) {
    auto counts = known_findings(*baseline, request.folder, prepared->project->paths());
    if (!counts) return std::unexpected(counts.error());
    known = *std::move(counts);
  }
  return survey_of(*std::move(book), *job, *std::move(prepared), std::move(known));
}

std::string LspHost::real_path(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : real.string();
}

std::optional<std::string> LspHost::read(const std::string& path) {
  auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

}  // namespace dagfix
