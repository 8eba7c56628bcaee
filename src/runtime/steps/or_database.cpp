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

}  // namespace dagfix::runtime
