#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/k02_folders.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 2, 0};
constexpr std::string_view kReindex = "service-re-index-dicom-data";
constexpr std::string_view kExtract = "service-extract-metadata";
constexpr std::string_view kThumbnails = "service-segmentation-thumbnail";

/// State of the last run of a DAG. Absent: it never ran.
Answer<std::string> last_state(const Step& step, std::string_view dag) {
  const auto rows = step.now().sql().rows("airflow", "dag-runs");
  if (!rows.is_ok()) return rows.map([](const auto&) { return std::string(); });
  const Sql::Row* last = nullptr;
  for (const Sql::Row& row : *rows) {
    if (row.at(0) == dag && (!last || last->at(2) <= row.at(2))) last = &row;
  }
  return last ? Answer<std::string>(last->at(1).value_or("")) : Answer<std::string>::absent();
}

Truth is_state(const Answer<std::string>& state, std::string_view wanted) {
  return state.test([&](const std::string& found) { return found == wanted; });
}

/// Whether the DAG file shows the workflow in the interface. Absent: no such file, or no such word.
Answer<bool> is_visible(const Step& step) {
  const auto text =
      step.files().text(step.now().fast("workflows/dags/dag_service_segmentation_thumbnail.py"));
  if (!text.is_ok()) return text.map([](const std::string&) { return false; });
  for (const std::string_view quote : {"\"ui_visible\":", "'ui_visible':"}) {
    const auto at = text->find(quote);
    if (at == std::string::npos) continue;
    std::string_view value = std::string_view(*text).substr(at + quote.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (value.starts_with("True")) return true;
    if (value.starts_with("False")) return false;
  }
  return Answer<bool>::absent();
}

/// Objects of all buckets. Not seen: one of them was not listed to its end.
Answer<std::uint64_t> count_objects(const Platform& platform) {
  const auto buckets = platform.objects().buckets();
  if (!buckets.is_ok()) return buckets.map([](const auto&) { return std::uint64_t{0}; });
  std::uint64_t count = 0;
  for (const auto& [name, _] : *buckets) {
    const auto keys = platform.objects().keys(name);
    if (keys.is_unseen()) return keys.unseen();
    if (keys.is_ok()) count += keys->size();
  }
  return count;
}

}  // namespace

void judge_k02_00(Step& step) {
  const std::string& backup = step.profile().get("platform.backup");
  if (backup.empty()) {
    step.decide("taken", Truth::unknown({State::unreachable, "profile",
                                         "platform.backup is not set: where is the backup?"}));
    return;
  }
  const FileTree& files = step.files();
  Truth all = true;
  Truth any = false;
  Truth smaller = false;
  for (const KeptFolder& folder : kKeptFolders) {
    const std::string copy = join(backup, folder.name);
    const Truth is_there = files.exists(copy);
    all = all && is_there;
    any = any || is_there;
    const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
    // Before K02-07 the original is in its place, after it in the old folder.
    auto original = files.sum(old_path(step, folder));
    if (!original.is_ok() && !has_new_layout(step).is_yes()) {
      original = files.sum(new_path(step, folder));
    }
    const auto count = [](const FileTree::Sum& sum) { return sum.files; };
    const auto made = files.sum(copy);
    smaller = smaller || (is_there && (is_less(made.map(bytes), original.map(bytes)) ||
                                       is_less(made.map(count), original.map(count))));
  }
  const auto here = files.device(backup);
  const auto there = files.device(step.now().fast());
  if (here.is_ok() && there.is_ok() && here->target == there->target) {
    step.evidence(fmt::format("the backup is on the same device as {} ({})", step.now().fast(),
                              here->target));
  }
  const bool is_inside =
      is_within(backup, step.now().fast()) || is_within(backup, step.now().slow());
  step.set("backup", backup);
  step.decide("inside", any && Truth(is_inside));
  step.decide("none", !any);
  step.decide("running", files.exists(join(backup, "postgres-dcm4che/postmaster.pid")));
  step.decide("incomplete", !all || smaller);
  step.decide("taken", all && !smaller);
}

void judge_k02_14(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  const auto objects = count_objects(step.now());
  const auto before =
      step.baseline() ? count_objects(*step.baseline()) : Answer<std::uint64_t>(no_baseline());
  const Truth lost_objects = is_less(objects, before);
  const auto files = step.files().sum(step.now().slow("dcm4che/dicom_data"));
  const auto places = step.now().sql().count("pacsdb", "location-count");
  const Truth lost_files =
      is_less(files.map([](const FileTree::Sum& found) { return found.files; }), places);
  step.set("rows", rows.text);
  step.set("objects", objects.is_ok() ? fmt::format("{}", *objects) : "0");
  step.set("before", before.is_ok() ? fmt::format("{}", *before) : "0");
  step.set("files", files.is_ok() ? fmt::format("{}", files->files) : "0");
  step.set("places", places.is_ok() ? fmt::format("{}", *places) : "0");
  step.decide("not-deployed", !is_new);
  step.decide("empty", is_new && rows.is_empty);
  step.decide("fewer", is_new && rows.any_fewer);
  step.decide("objects-lost", is_new && lost_objects);
  step.decide("files-lost", is_new && lost_files);
  step.decide("kept", is_new && !rows.any_fewer && !lost_objects && !lost_files);
}

void judge_k02_15(Step& step) {
  const auto state = last_state(step, kReindex);
  step.set("state", state.is_ok() ? *state : std::string());
  step.decide("none", !state.exists());
  step.decide("failed", is_state(state, "failed"));
  step.decide("finished", is_state(state, "success"));
  step.decide("running", state.exists());
  const auto dag =
      step.files().text(step.now().fast("workflows/dags/dag_service_reindex_dicom_data.py"));
  step.trap("T28", Truth(step.is_open()) && dag.test([](const std::string& text) {
    return text.contains("delete_all_documents=True");
  }));
}

void judge_k02_16(Step& step) {
  const auto tasks = step.now().sql().rows("airflow", "open-tasks");
  std::size_t open = 0;
  std::size_t failed = 0;
  if (tasks.is_ok()) {
    for (const Sql::Row& row : *tasks) {
      if (row.at(0) != kReindex && row.at(0) != kExtract) continue;
      ++(row.at(2) == "failed" ? failed : open);
    }
  }
  const auto found = step.now().search().count("meta-index");
  const auto series = step.now().sql().count("pacsdb", "series-uids");
  step.set("open", fmt::format("{}", open));
  step.set("failed", fmt::format("{}", failed));
  step.set("found", found.is_ok() ? fmt::format("{}", *found) : "0");
  step.set("series", series.is_ok() ? fmt::format("{}", *series) : "");
  const Truth seen = tasks.exists();
  step.decide("not-begun", !last_state(step, kReindex).exists());
  step.decide("running", seen && Truth(open > 0));
  step.decide("failed", seen && Truth(failed > 0));
  step.decide("fewer", is_less(found, series));
  step.decide("indexed", seen && !is_less(found, series));
}

void judge_k02_17_2(Step& step) {
  const auto visible = is_visible(step);
  step.decide("over", is_state(last_state(step, kThumbnails), "success"));
  step.decide("no-file", !visible.exists());
  step.decide("shown", visible.test([](bool value) { return value; }));
  step.decide("hidden", visible.test([](bool value) { return !value; }));
}

void judge_k02_17_3(Step& step) {
  const auto state = last_state(step, kThumbnails);
  const auto series = step.now().sql().count("pacsdb", "segmentation-series");
  const auto keys = step.now().objects().keys("thumbnails");
  const auto made = keys.map([](const auto& all) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(all, [](const std::string& key) { return key.ends_with(".png"); }));
  });
  step.set("series", series.is_ok() ? fmt::format("{}", *series) : "");
  step.set("made", made.is_ok() ? fmt::format("{}", *made) : "0");
  step.decide("not-needed", series.test([](std::uint64_t count) { return count == 0; }));
  step.decide("none", !state.exists());
  step.decide("failed", is_state(state, "failed"));
  step.decide("running", state.exists() && !is_state(state, "success"));
  step.decide("part", is_state(state, "success") && is_less(made, series));
  step.decide("made", is_state(state, "success") && !is_less(made, series));
}

void judge_k02_17_5(Step& step) {
  const auto visible = is_visible(step);
  const Truth is_shown = visible.test([](bool value) { return value; });
  step.decide("no-file", !visible.exists());
  step.decide("shown", is_shown);
  step.trap("T05", is_shown && is_state(last_state(step, kThumbnails), "success"));
  step.decide("hidden", visible.test([](bool value) { return !value; }));
}

}  // namespace dagfix::runtime
