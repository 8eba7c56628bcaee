#include "cli/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/config.hpp"
#include "cli/inputs.hpp"
#include "report/report.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kDefaultTo = "0.5.3";

std::expected<void, std::string> check_selection(const CommandLine& line, const RuleBook& book) {
  const Version any = book.versions().front();
  for (const auto& [name, list] :
       {std::pair{"select", &line.settings.select}, std::pair{"ignore", &line.settings.ignore}}) {
    const auto set = RuleSet::select(book, any, any, {*list, {}});
    if (!set) return std::unexpected(fmt::format("{}: {}", line.origin(name), set.error()));
  }
  return {};
}

std::expected<void, std::string> set_versions(const CommandLine& line, const RuleBook& book,
                                              Job& job) {
  const Settings& settings = line.settings;
  if (settings.from) {
    const auto from = book.version(*settings.from, RuleBook::Series::oldest);
    if (!from) return std::unexpected(fmt::format("{}: {}", line.origin("from"), from.error()));
    job.from = *from;
  }
  const auto to =
      book.version(settings.to.value_or(std::string(kDefaultTo)), RuleBook::Series::newest);
  if (!to) return std::unexpected(fmt::format("{}: {}", line.origin("to"), to.error()));
  job.to = *to;
  if (job.from && *job.from > job.to) {
    return std::unexpected(fmt::format("{} {} is newer than {} {}", line.origin("from"),
                                       to_string(*job.from), line.origin("to"), to_string(job.to)));
  }
  return {};
}

}  // namespace

std::expected<std::string, std::string> add_config(CommandLine& line) {
  std::optional<std::string> file = line.settings.config;
  if (!file && !line.settings.no_config) {
    std::string first = line.paths.empty() ? "." : line.paths.front();
    if (is_stdin(line)) first = line.settings.stdin_filename.value_or(".");
    auto found = find_config(first);
    if (!found) return std::unexpected(found.error());
    std::error_code ignored;
    if (*found) file = path_from(std::filesystem::current_path(ignored).string(), **found);
  }
  if (!file) return {};
  const auto config = load_config(*file);
  if (!config) return std::unexpected(config.error());
  bool takes_excludes = false;
  for (const std::string_view name : fill_unset(line.settings, config->settings)) {
    line.places.emplace(name, config->places.find(name)->second);
    takes_excludes = takes_excludes || name == "exclude";
  }
  return takes_excludes ? config->folder : std::string();
}

std::expected<Job, std::string> make_job(const CommandLine& line, const RuleBook& book) {
  const Settings& settings = line.settings;
  Job job;
  if (settings.diff) job.mode = Mode::diff;
  if (settings.apply) job.mode = Mode::apply;
  if (auto set = set_versions(line, book, job); !set) return std::unexpected(set.error());
  if (auto known = check_selection(line, book); !known) return std::unexpected(known.error());
  job.selection = {settings.select, settings.ignore, settings.outlook.value_or(false)};
  job.most = settings.unsafe_fixes.value_or(false) ? Safety::unsafe : Safety::safe;
  if (settings.format != "sarif") job.line_hashes = LineHashes::without;
  job.jobs = settings.jobs.value_or(std::max(1u, std::thread::hardware_concurrency()));
  std::error_code ignored;
  job.root = std::filesystem::current_path(ignored).string();
  return job;
}

}  // namespace dagfix
