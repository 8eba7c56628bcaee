#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"
#include "runtime/view/dumps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kStudies = "remapp_generalstudymoduleattr";

/// The dump that may hold OpenREM's database: one that says so, or one in the custom format.
const DumpFile* backup_in(const std::vector<DumpFile>& dumps) {
  const DumpFile* best = nullptr;
  for (const DumpFile& dump : dumps) {
    if (dump.tables.contains(kStudies)) return &dump;
    if (!best || dump.kind == "custom") best = &dump;
  }
  return best;
}

/// "…/venv/lib/python2.7/site-packages/openrem" -> "…/venv"; empty if it is in none.
std::string environment_of(std::string_view folder) {
  const auto lib = folder.find("/lib/python");
  return lib == std::string_view::npos ? std::string() : std::string(folder.substr(0, lib));
}

}  // namespace

void judge_or_0(Step& step) {
  const auto text = OpenRem(step.now().bundle()).package_version();
  step.set("version", text.is_ok() ? *text : "none");
  const auto found = text.map([](const auto& version) { return parse_openrem_version(version); });
  const auto is = [&](auto holds) {
    return found.test([&](const auto& version) { return version && holds(*version); });
  };
  step.decide("not-there", !text.exists());
  step.decide("unreadable", found.test([](const auto& version) { return !version; }));
  step.decide("upgraded", is([](const auto& v) { return v.version >= Version{0, 10, 0}; }));
  step.decide("older", is([](const auto& v) { return v.version < Version{0, 9, 1}; }));
  step.decide("test-version", is([](const auto& v) { return v.is_test; }));
  step.decide("ready", is([](const auto& v) { return v.version < Version{0, 10, 0}; }));
}

void judge_or_2(Step& step) {
  const Dumps dumps(step.now().bundle());
  const auto list = dumps.list();
  const DumpFile* const backup = list.is_ok() ? backup_in(*list) : nullptr;
  const Truth seen = list.exists();
  step.set("backup", backup ? backup->path : std::string());
  step.set("size", backup ? fmt::format("{}", backup->size) : std::string());
  const auto before =
      (step.baseline() ? *step.baseline() : step.now()).sql().count("openrem", "study-count");
  const auto saved =
      backup && backup->kind == "plain" ? backup->rows(kStudies) : Answer<std::uint64_t>::absent();
  step.set("saved", saved.is_ok() ? fmt::format("{}", *saved) : "no");
  step.set("before", before.is_ok()
                         ? fmt::format(", there {} {}", step.baseline() ? "were" : "are", *before)
                         : "");
  Truth fewer = is_less(saved, before);
  // Since the upgrade studies may have come.
  if (!step.baseline() && fewer.is_yes() && !has_new_openrem(step).is_no()) {
    fewer = Step::without_baseline();
  }
  const bool is_custom = backup && backup->kind == "custom";
  const bool is_plain = backup && backup->kind == "plain" && backup->is_complete;
  step.decide("missing", seen && Truth(!backup));
  step.decide("unusable", seen && Truth(!is_custom && !is_plain));
  step.decide("too-late",
              seen && Truth(backup && backup->has_column(kStudies, "number_of_const_angle")));
  step.decide("unchecked", seen && Truth(is_custom));
  step.decide("fewer", seen && (!saved.exists() || fewer));
  step.decide("taken", seen && saved.exists() && !fewer);
}

void judge_or_3(Step& step) {
  const auto unit = celery_unit(step);
  const Truth is_active = unit.test([](const OpenRem::Unit& found) { return found.is_active(); });
  const Truth has_process = OpenRem(step.now().bundle()).has_process({"celery", "openremproject"});
  step.set("unit", unit.is_ok() ? unit->name : "openrem-celery.service");
  step.decide("over", has_new_openrem(step));
  step.decide("active", is_active);
  step.decide("left", unit.exists() && !is_active && has_process);
  step.decide("by-hand", !unit.exists() && has_process);
  step.decide("stopped", !is_active && !has_process);
  step.trap("R6", unit.test([](const auto& found) { return found.name.starts_with("celery-"); }));
}

void judge_or_4(Step& step) {
  const OpenRem host(step.now().bundle());
  const auto unit = host.unit("orthanc.service");
  const auto is = [&](std::string_view state) {
    return unit.test([&](const OpenRem::Unit& found) { return found.state == state; });
  };
  const Truth has_store = host.has_process({"openrem_store"});
  step.decide("over", has_new_openrem(step));
  step.decide("active", is("active") || has_store);
  step.decide("failed", is("failed"));
  step.decide("none", !unit.exists() && !has_store);
  step.decide("stopped", unit.exists() && !is("active") && !has_store);
}

void judge_or_5(Step& step) {
  const OpenRem host(step.now().bundle());
  const auto package = host.package_version();
  const auto code = host.code_version();
  const auto folder = openrem_folder(step);
  const std::string place = folder.is_ok() ? *folder : std::string();
  const auto gunicorn = host.unit("openrem-gunicorn.service");
  const Truth is_new = has_new_openrem(step);
  const Truth differs = package.is_ok() && code.is_ok() ? Truth(*package != *code)
                                                        : !package.exists() || !code.exists();
  const Truth is_other = gunicorn.test([&](const OpenRem::Unit& unit) {
    return !unit.folder.empty() && !place.empty() && !is_within(unit.folder, place) &&
           !is_within(place, unit.folder);
  });
  const Truth has_task = openrem_file(step, "remapp/tools/populate_summary.py").exists();
  const std::string environment = environment_of(place);
  std::vector<std::string> commands;
  if (!environment.empty()) commands.push_back(". " + shell_quoted(environment + "/bin/activate"));
  commands.emplace_back("pip install openrem==0.10.0");
  step.set_commands("install", commands);
  step.set("package", package.is_ok() ? *package : "none");
  step.set("code", code.is_ok() ? *code : "none");
  step.set("folder", place);
  step.set("other", gunicorn.is_ok() ? gunicorn->folder : std::string());
  step.decide("old", !is_new && !differs);
  step.decide("differ", package.exists() && code.exists() && differs);
  step.decide("python-3", is_new && Truth(place.contains("/python3")));
  step.decide("other-copy", is_new && is_other);
  step.decide("incomplete", is_new && !has_task);
  step.decide("installed", is_new && has_task && !differs);
}

}  // namespace dagfix::runtime
