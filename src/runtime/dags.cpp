#include "runtime/dags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "embedded.hpp"
#include "rules/json_reader.hpp"
#include "rules/load.hpp"
#include "runtime/platform.hpp"

namespace dagfix::runtime {

namespace {

/// First and last version of Kaapana that brings a file, by its path below the folder of DAGs.
using Shipped = std::map<std::string, std::pair<Version, Version>, std::less<>>;

Shipped read_shipped() {
  const auto files = embedded_files();
  const auto file =
      std::ranges::find(files, std::string_view("runtime/shipped_dags.json"), &EmbeddedFile::path);
  Shipped shipped;
  const Json document = Json::parse(file->text);
  for (const auto& [name, span] : document.at("files").items()) {
    shipped[name] = {parse_version(span.at(0).get<std::string>()).value_or(Version()),
                     parse_version(span.at(1).get<std::string>()).value_or(Version())};
  }
  return shipped;
}

bool is_series(Version version, Version series) {
  return version.major == series.major && version.minor == series.minor;
}

std::string series_text(Version version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

/// The version that runs, or ran, if it is one of the guide's start.
std::string from_of(const Platform& platform, const Platform* before, const Guide& guide) {
  for (const Platform* const one : {before, &platform}) {
    if (one && one->version() && is_series(one->version()->version, guide.from)) {
      return one->version()->has_patch ? to_string(one->version()->version)
                                       : series_text(guide.from);
    }
  }
  return series_text(guide.from);
}

std::string to_of(const Platform& platform, const Guide& guide) {
  const auto target = parse_platform_version(platform.profile().get("platform.target"));
  if (target && is_series(target->version, guide.to)) {
    return target->has_patch ? to_string(target->version) : series_text(guide.to);
  }
  const auto& running = platform.version();
  if (running && running->has_patch && is_series(running->version, guide.to)) {
    return to_string(running->version);
  }
  return series_text(guide.to);
}

bool is_checked_kind(std::string_view path) {
  return path.ends_with(".py") || path.ends_with("_trigger_rule.json");
}

/// Where Airflow's table says that a DAG is, below the folder of DAGs.
std::string_view below_dags(std::string_view location) {
  constexpr std::string_view kFolder = "/dags/";
  const auto at = location.find(kFolder);
  return at == std::string_view::npos ? location.substr(location.rfind('/') + 1)
                                      : location.substr(at + kFolder.size());
}

class Planner {
 public:
  Planner(const Platform& platform, DagPlan& plan) : platform_(platform), plan_(plan) {}

  std::vector<DagSource> read() {
    std::vector<DagSource> sources;
    const auto listed = platform_.files().below(plan_.folder);
    if (listed.is_unseen()) see_not(listed.unseen());
    std::set<std::string, std::less<>> wanted;
    if (listed.is_ok()) {
      for (const FileInfo& file : *listed) {
        if (file.type == 'f' && is_checked_kind(file.path)) wanted.emplace(file.path);
      }
    }
    for (const std::string_view name : platform_.bundle().names(entry_of("/"))) {
      if (is_checked_kind(name)) wanted.emplace(name.substr(std::string_view("fs/small").size()));
    }
    for (const std::string& path : wanted) {
      auto text = platform_.bundle().text("fs/small" + path);
      if (text.is_unseen()) see_not(text.unseen());
      if (text.is_ok()) sources.push_back({path, *text});
    }
    plan_.checked = sources.size();
    plan_.is_empty = listed.is_ok() && wanted.empty();
    return sources;
  }

  void take(CheckedDags checked, const Shipped& shipped) {
    plan_.from = std::move(checked.from);
    plan_.to = std::move(checked.to);
    std::ranges::for_each(checked.unread, [&](const Unseen& unseen) { see_not(unseen); });
    for (DagFile& file : checked.files) {
      if (!shipped.contains(below(file.path))) plan_.files.push_back(std::move(file));
    }
  }

  void count_shipped(const std::vector<DagSource>& sources, const Shipped& shipped) {
    const auto target = parse_platform_version(plan_.to);
    for (const DagSource& source : sources) {
      const auto own = shipped.find(below(source.path));
      if (own == shipped.end()) continue;
      ++plan_.shipped;
      if (target && own->second.second < target->version) plan_.stale.push_back(source.path);
    }
  }

  void compare_with_table(const std::vector<DagSource>& sources) {
    const auto rows = platform_.sql().rows("airflow", "dags");
    if (rows.is_unseen()) see_not(rows.unseen());
    if (!rows.is_ok()) return;
    plan_.has_table = true;
    std::set<std::string, std::less<>> known;
    for (const Sql::Row& row : *rows) add_row(row, sources, known);
    for (const DagSource& source : sources) {
      const bool makes_dag = source.path.ends_with(".py") && source.text.contains("DAG(");
      if (makes_dag && !known.contains(below(source.path))) {
        plan_.without_row.push_back(source.path);
      }
    }
  }

 private:
  std::string entry_of(std::string_view name) const {
    return fmt::format("fs/small{}{}", plan_.folder, name);
  }

  std::string_view below(std::string_view path) const {
    return path.substr(std::min(plan_.folder.size() + 1, path.size()));
  }

  void see_not(const Unseen& unseen) { plan_.unseen.push_back(unseen); }

  void add_row(const Sql::Row& row, const std::vector<DagSource>& sources,
               std::set<std::string, std::less<>>& known) {
    if (row.size() != 4 || !row[0] || !row[3]) return;
    const std::string_view name = below_dags(*row[3]);
    known.emplace(name);
    for (DagFile& file : plan_.files) {
      if (below(file.path) == name) file.dags.push_back(*row[0]);
    }
    const bool is_active = row[1] && (*row[1] == "true" || *row[1] == "t");
    const bool has_file = std::ranges::any_of(
        sources, [&](const DagSource& source) { return below(source.path) == name; });
    const Truth exists = platform_.files().exists(join(plan_.folder, name));
    if (is_active && !has_file && exists.is_no()) {
      plan_.without_file.push_back(fmt::format("{} ({})", *row[0], *row[3]));
    }
  }

  const Platform& platform_;
  DagPlan& plan_;
};

/// Only the files that are the platform's own: what the deployment replaces need not be fixed.
std::string files_text(const DagPlan& plan) {
  constexpr std::size_t kMost = 10;
  if (plan.files.size() > kMost) return shell_quoted(plan.folder);
  std::string text;
  for (const DagFile& file : plan.files) {
    text += (text.empty() ? "" : " ") + shell_quoted(file.path);
  }
  return text;
}

void add_commands(DagPlan& plan, bool is_after) {
  if (!plan.is_open()) return;
  const bool any_fix =
      std::ranges::any_of(plan.files, [](const DagFile& file) { return file.fixable > 0; });
  const std::string rest =
      fmt::format("--from {} --to {} {}", plan.from, plan.to, files_text(plan));
  plan.commands.push_back(
      fmt::format("dagfix {} {}", any_fix ? "--diff --unsafe-fixes" : "--check", rest));
  // What is written for the new version does not run on the old one.
  if (any_fix && is_after) plan.commands.push_back(fmt::format("dagfix --apply {}", rest));
}

}  // namespace

std::size_t DagPlan::findings() const {
  std::size_t count = 0;
  for (const DagFile& file : files) count += file.findings();
  return count;
}

Truth DagPlan::is_clean() const {
  Truth seen = true;
  for (const Unseen& one : unseen) {
    if (!one.entry.starts_with("sql/")) seen = seen && Truth::unknown(one);
  }
  return Truth(!is_open()) && seen;
}

std::optional<DagPlan> plan_dags(const Platform& platform, const Platform* before,
                                 const Guide& guide, Phase phase, const DagChecker& check) {
  if (!check || guide.platform != "kaapana") return std::nullopt;
  DagPlan plan;
  plan.folder = platform.fast("workflows/dags");
  plan.from = from_of(platform, before, guide);
  plan.to = to_of(platform, guide);
  Planner planner(platform, plan);
  const auto sources = planner.read();
  const Shipped shipped = read_shipped();
  auto checked = check(sources, plan.from, plan.to);
  if (checked) {
    planner.take(*std::move(checked), shipped);
  } else {
    plan.unseen.push_back({State::malformed, "fs/small" + plan.folder, checked.error()});
  }
  planner.count_shipped(sources, shipped);
  planner.compare_with_table(sources);
  plan.is_after = phase == Phase::after;
  add_commands(plan, plan.is_after);
  return plan;
}

}  // namespace dagfix::runtime
