#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 3, 0};

/// The folder below FAST, and the same one where the guide's text has it.
Truth is_elsewhere(const Step& step, std::string_view name) {
  constexpr std::string_view kGuide = "/home/kaapana";
  if (step.now().fast() == kGuide) return false;
  // Only if it was listed: few look at a folder that is not theirs.
  return step.files().exists(join(kGuide, name)).is_yes();
}

}  // namespace

void judge_k03_00(Step& step) {
  const auto now = step.now().search().count("meta-index");
  const auto before = step.baseline() ? step.baseline()->search().count("meta-index")
                                      : Answer<std::uint64_t>(no_baseline());
  step.set("now", now.is_ok() ? fmt::format("{}", *now) : "0");
  step.set("before", before.is_ok() ? fmt::format("{}", *before) : "0");
  const Truth had = before.test([](std::uint64_t count) { return count > 0; });
  const Truth is_less_now = is_less(now, before);
  const Truth is_gone = !now.test([](std::uint64_t count) { return count > 0; });
  step.decide("gone", had && is_gone);
  step.decide("fewer", had && is_less_now);
  step.decide("kept", before.exists() && !is_less_now);
}

void judge_k03_11(Step& step) {
  const FileTree& files = step.files();
  const std::string folder = step.now().fast("postgres-dcm4che-new");
  const auto version = files.pg_version(folder);
  const Truth swapped = is_postgres(step, step.now().fast("postgres-dcm4che"), "15");
  step.set("folder", folder);
  step.set("version", version.is_ok() ? *version : "none");
  step.decide("swapped", swapped && !files.exists(folder));
  step.decide("elsewhere", is_elsewhere(step, "postgres-dcm4che-new"));
  step.decide("wrong-version", version.test([](const auto& text) { return text != "15"; }));
  step.decide("started", version.test([](const auto& text) { return text == "15"; }));
  step.decide("port-taken", !files.exists(folder) && has_container(step, "db"));
  step.decide("missing", !files.exists(folder) && !swapped);
  step.trap("T10b", is_elsewhere(step, "postgres-dcm4che-new"));
}

void judge_k03_11b(Step& step) {
  const Truth has_new = is_postgres(step, step.now().fast("postgres-dcm4che-new"), "15");
  const Truth swapped = is_postgres(step, step.now().fast("postgres-dcm4che"), "15");
  const auto version = step.now().sql().server_version("pacsdb");
  Truth is_15 = version.exists();
  if (version.is_ok()) {
    is_15 = version->starts_with("15")
                ? Truth(true)
                : Truth::unknown(
                      {State::unreachable, "sql/pacsdb.json",
                       fmt::format("is PostgreSQL {}, not db15: set sql.pacsdb.host", *version)});
  }
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  step.set("rows", rows.text);
  step.decide("not-started", !has_new && !swapped);
  step.decide("swapped-empty", swapped && is_15 && rows.is_empty);
  step.decide("empty", has_new && is_15 && rows.is_empty);
  step.decide("part", is_15 && rows.any_fewer);
  step.decide("imported", (has_new || swapped) && is_15 && !rows.any_fewer);
  step.trap("T08", (has_new || swapped) && is_15 && rows.is_empty);
}

void judge_k03_12(Step& step) {
  const FileTree& files = step.files();
  const std::string folder = step.now().fast("postgres-dcm4che");
  const std::string next = step.now().fast("postgres-dcm4che-new");
  const std::string old = step.now().fast("postgres-dcm4che-old");
  const std::string copy = step.now().fast("postgres-dcm4che9.6");
  const Truth is_new = is_postgres(step, folder, "15");
  const Truth is_old = is_postgres(step, folder, "9.6");
  const Truth nested = files.exists(join(folder, "postgres-dcm4che-new")) ||
                       files.exists(join(old, "postgres-dcm4che"));
  step.set("folder", folder);
  step.set("next", next);
  step.set("old", old);
  step.set("copy", copy);
  step.decide("nested", nested);
  step.decide("elsewhere", is_elsewhere(step, "postgres-dcm4che") && !is_new);
  step.decide("half", !files.exists(folder) && (files.exists(next) || files.exists(old)));
  step.decide("no-way-back",
              is_new && !files.exists(old) && !files.exists(copy) && !step.is_after());
  step.decide("leftover", is_new && (files.exists(copy) || files.exists(next)));
  step.decide("swapped", is_new && !nested);
  step.decide("not-swapped", is_old);
}

void judge_k03_13(Step& step) {
  set_deploy_command(step, kTarget);
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth is_old_data = is_postgres(step, step.now().fast("postgres-dcm4che"), "9.6");
  const std::string strange = strange_volume(step);
  step.set("strange", strange);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  step.decide("other-folder", !strange.empty());
  step.decide("old-data", is_new && is_old_data);
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good);
  step.decide("not-deployed", !is_new);
}

void judge_k03_16(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  const auto pods = pods_of_app(step, "dcm4chee");
  const Truth is_up = pods.test([](const auto& all) {
    return !all.empty() &&
           std::ranges::all_of(all, [](const Json* pod) { return is_pod_good(*pod); });
  });
  step.set("rows", rows.text);
  step.decide("not-deployed", !is_new);
  step.decide("empty", is_new && rows.is_empty);
  step.decide("fewer", is_new && rows.any_fewer);
  step.decide("not-ready", is_new && !is_up);
  step.decide("kept", is_new && is_up && !rows.any_fewer);
}

}  // namespace dagfix::runtime
