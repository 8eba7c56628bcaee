#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kStudies = "remapp_generalstudymoduleattr";

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

/// What the guide says of tasks, time and workers, beside what is here.
void look_for_estimates(Step& step) {
  const Truth is_open = step.is_open();
  std::uint64_t studies = 0;
  std::uint64_t modalities = 0;
  Truth is_counted = true;
  for (const Pending& one : pending_summaries(step.now())) {
    is_counted = is_counted && one.total.exists();
    if (!one.total.is_ok()) continue;
    studies += *one.total;
    modalities += *one.total > 0 ? 1 : 0;
    if (one.modality != "DX") continue;
    step.trap("R3", is_open && one.left.test([](std::uint64_t left) { return left > 0; }));
  }
  constexpr std::uint64_t kSmall = 10'000;
  step.trap("R4", is_open && is_counted && Truth(studies >= 100 && studies < kSmall));
  step.trap("R7", is_open && is_counted &&
                      OpenRem(step.now().bundle()).workers().test([&](std::uint64_t workers) {
                        return workers <= modalities;
                      }));
}

}  // namespace

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
  look_for_estimates(step);
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
