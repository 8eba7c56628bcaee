#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/steps/common.hpp"
#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kStudies = "remapp_generalstudymoduleattr";

// openrem 0.10.0, remapp/models.py.
constexpr std::array<std::string_view, 19> kColumns = {"number_of_events",
                                                       "number_of_events_a",
                                                       "number_of_events_b",
                                                       "number_of_axial",
                                                       "number_of_spiral",
                                                       "number_of_stationary",
                                                       "number_of_const_angle",
                                                       "total_dlp",
                                                       "total_dap",
                                                       "total_dap_a",
                                                       "total_dap_b",
                                                       "total_rp_dose_a",
                                                       "total_rp_dose_b",
                                                       "total_dap_delta_weeks",
                                                       "total_rp_dose_delta_weeks",
                                                       "total_agd_left",
                                                       "total_agd_right",
                                                       "total_agd_both",
                                                       "number_of_planes"};

/// Names of migrations: files 0001_name.py.
Answer<std::set<std::string>> migration_files(const Step& step) {
  const auto folder = openrem_folder(step);
  if (!folder.is_ok()) return folder.map([](const auto&) { return std::set<std::string>(); });
  return step.files().children(join(*folder, "remapp/migrations")).map([](const auto& files) {
    std::set<std::string> names;
    for (const FileInfo& file : files) {
      const std::string_view name = file.name();
      if (name.ends_with(".py") && name.size() > 8 && name.find_first_not_of("0123456789") == 4) {
        names.emplace(name.substr(0, name.size() - 3));
      }
    }
    return names;
  });
}

Answer<std::set<std::string>> applied_migrations(const Step& step) {
  return step.now().sql().rows("openrem", "migrations").map([](const auto& rows) {
    std::set<std::string> names;
    for (const Sql::Row& row : rows) names.insert(row.at(0).value_or(""));
    return names;
  });
}

std::vector<std::string> without(const std::set<std::string>& all,
                                 const std::set<std::string>& others) {
  std::vector<std::string> rest;
  std::ranges::set_difference(all, others, std::back_inserter(rest));
  return rest;
}

Answer<bool> panel_flag(const Step& step) {
  return step.now().sql().rows("openrem", "upgrade-status").map([](const auto& rows) {
    return std::ranges::any_of(rows, [](const Sql::Row& row) {
      return row.at(0) == "true" || row.at(0) == "t" || row.at(0) == "1";
    });
  });
}

/// Numbers of modalities with a row, and of those that are complete.
struct Summaries {
  std::size_t rows = 0;
  std::size_t complete = 0;
};

Answer<Summaries> summaries(const Step& step) {
  return step.now().sql().rows("openrem", "summary-fields").map([](const auto& rows) {
    Summaries found{rows.size(), 0};
    for (const Sql::Row& row : rows) {
      if (row.at(1) == "true" || row.at(1) == "t" || row.at(1) == "1") ++found.complete;
    }
    return found;
  });
}

/// What is left of all modalities, and of those before.
struct Progress {
  Truth is_finished = true;
  Truth is_stuck = false;  // some are left, and as many as in the baseline
  std::string text;
};

Progress progress_of(const Step& step) {
  Progress progress;
  const auto now = pending_summaries(step.now());
  const auto before =
      step.baseline() ? pending_summaries(*step.baseline()) : std::vector<Pending>();
  std::uint64_t left = 0;
  std::uint64_t left_before = 0;
  bool is_compared = !before.empty();
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto& pending = now[i].left;
    progress.is_finished = progress.is_finished && pending.exists() &&
                           !pending.test([](auto count) { return count > 0; });
    if (!pending.is_ok()) continue;
    left += *pending;
    if (*pending > 0) {
      lines.push_back(fmt::format("{} {} of {}", now[i].modality, *pending,
                                  now[i].total.is_ok() ? fmt::format("{}", *now[i].total) : "?"));
    }
    const bool is_known = is_compared && before[i].left.is_ok();
    if (is_known) left_before += *before[i].left;
    is_compared = is_known;
  }
  progress.text = fmt::format("{}", fmt::join(lines, ", "));
  progress.is_stuck = !progress.is_finished && Truth(is_compared && left == left_before);
  return progress;
}

}  // namespace

void judge_or_6(Step& step) {
  const Sql& sql = step.now().sql();
  const auto files = migration_files(step);
  const auto applied = applied_migrations(step);
  Truth all =
      sql.has("openrem", "remapp_summaryfields") && sql.has("openrem", "remapp_upgradestatus");
  Truth any =
      sql.has("openrem", "remapp_summaryfields") || sql.has("openrem", "remapp_upgradestatus");
  std::vector<std::string> missing;
  for (const std::string_view column : kColumns) {
    const Truth is_there = sql.has("openrem", kStudies, column);
    all = all && is_there;
    any = any || is_there;
    if (is_there.is_no()) missing.emplace_back(column);
  }
  std::vector<std::string> lost;
  std::vector<std::string> open;
  if (files.is_ok() && applied.is_ok()) {
    lost = without(*applied, *files);
    open = without(*files, *applied);
  } else if (files.is_absent() && applied.is_ok()) {
    lost.assign(applied->begin(), applied->end());
  }
  const Truth seen = (files.is_absent() ? Truth(true) : files.exists()) && applied.exists();
  const std::string folder = step.profile().get("openrem.folder");
  step.set("folder", folder);
  step.set("lost", some_of(lost));
  step.set("open", some_of(open));
  step.set("missing", some_of(missing));
  step.decide("files-lost", seen && Truth(!lost.empty()));
  step.decide("not-applied", seen && Truth(!open.empty()));
  step.decide("columns-missing", seen && any && !all);
  step.decide("migrated", seen && all);
  step.decide("not-started", seen && !any);
  step.trap("R1", seen && Truth(!lost.empty()));
}

void judge_or_11(Step& step) {
  const auto found = summaries(step);
  const Truth has_table = step.now().sql().has("openrem", "remapp_summaryfields");
  const auto web = OpenRem(step.now().bundle()).unit("openrem-gunicorn.service");
  const Truth runs = web.test([](const auto& unit) { return unit.is_active(); });
  step.set("rows", found.is_ok() ? fmt::format("{}", found->rows) : "0");
  step.decide("no-table", !has_table && has_new_openrem(step) && runs);
  step.decide("not-started", has_table && found.test([](auto all) { return all.rows == 0; }));
  step.decide("part", has_table && found.test([](auto all) { return all.rows < 4; }));
  step.decide("started", has_table && found.exists());
}

void judge_or_12(Step& step) {
  const Truth is_migrated = step.now().sql().has("openrem", kStudies, "number_of_const_angle");
  const auto flag = panel_flag(step);
  const Truth is_flagged = flag.test([](bool value) { return value; });
  const auto found = summaries(step);
  const Progress progress = progress_of(step);
  step.set("left", progress.text);
  step.decide("not-migrated", !is_migrated);
  step.decide("populated", is_migrated && progress.is_finished && is_flagged);
  step.decide("flag-missing", is_migrated && progress.is_finished && !is_flagged);
  step.decide("reopened", is_flagged && !progress.is_finished);
  step.decide("not-begun", is_migrated && found.test([](auto all) { return all.rows == 0; }));
  step.decide("no-worker", is_migrated && !progress.is_finished && !celery_runs(step));
  step.decide("stuck", is_migrated && progress.is_stuck);
  step.decide("running", is_migrated && !progress.is_finished && celery_runs(step));
  step.trap("R2", is_migrated && progress.is_stuck);
}

void judge_or_13(Step& step) {
  const Truth is_flagged = panel_flag(step).test([](bool value) { return value; });
  const auto found = summaries(step);
  const auto count = [&](auto holds) { return found.test(holds); };
  step.set("complete", found.is_ok() ? fmt::format("{}", found->complete) : "0");
  step.decide("inconsistent",
              is_flagged && count([](auto all) { return all.complete < all.rows; }));
  step.decide("gone", is_flagged && found.exists());
  step.decide("last-log-in", !is_flagged && count([](auto all) {
                return all.rows > 0 && all.complete == all.rows;
              }));
  step.decide("part", !is_flagged && count([](auto all) { return all.complete > 0; }));
  step.decide("shown", !is_flagged);
}

}  // namespace dagfix::runtime
