#include <fmt/format.h>

#include <optional>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kDump = "pacsdb_9_6.sql";
constexpr std::string_view kUpdatedDump = "pacsdb_updated.sql";

std::string folder_of(const Step& step) { return step.now().fast("postgres-dcm4che"); }

/// The new database is in its place: what came before it is over.
Truth is_swapped(const Step& step) { return is_postgres(step, folder_of(step), "15"); }

Answer<DumpFile> find_dump(const Step& step, std::string_view name) {
  return Dumps(step.now().bundle()).find(name);
}

Truth is_whole(const Answer<DumpFile>& dump) {
  return dump.test([](const DumpFile& file) { return file.kind == "plain" && file.is_complete; });
}

/// What a dump is that is no plain and whole one.
std::string fault_of(const DumpFile& dump) {
  if (dump.kind == "custom") return "is in the custom format; the guide's import needs plain SQL";
  if (dump.kind == "empty") return "is empty";
  if (dump.kind != "plain") return fmt::format("is no dump, it begins with '{}'", dump.head);
  return "is cut off: its last line is not that of a whole dump";
}

/// `is_old` is what makes a dump one of the old schema; nothing if it may have that.
void judge_dump(Step& step, std::string_view name, const std::optional<Truth>& is_old) {
  const auto dump = find_dump(step, name);
  step.set("dump", dump.is_ok() ? dump->path : std::string(name));
  step.set("fault", dump.is_ok() ? fault_of(*dump) : std::string());
  const Truth whole = is_whole(dump);
  const Truth is_over = is_swapped(step) && !dump.exists();
  const Compared rows = compare_rows(step, rows_before(step), rows_in_dump(dump));
  step.set("rows", rows.text);
  step.decide("over", is_over);
  step.decide("missing", !dump.exists() && !is_swapped(step));
  step.decide("unusable", dump.exists() && !whole);
  if (is_old) step.decide("old-schema", whole && *is_old);
  step.decide("fewer", whole && rows.any_fewer);
  step.decide("taken", whole && !rows.any_fewer && !is_old.value_or(false));
  step.trap("T12", dump.test([](const DumpFile& file) { return file.has_crlf; }));
}

}  // namespace

void judge_k03_01(Step& step) {
  const FileTree& files = step.files();
  const std::string folder = folder_of(step);
  const std::string other = step.now().slow("postgres-dcm4che");
  const Truth has_other =
      step.now().fast() == step.now().slow() ? Truth(false) : files.exists(other);
  const Truth runs = pacs_runs(step);
  const Truth container = has_container(step, "db");
  step.set("folder", folder);
  step.set("other", other);
  step.decide("over", is_swapped(step));
  step.decide("wrong-folder", has_other);
  step.decide("two-servers", runs && container);
  step.decide("no-data", !files.exists(join(folder, "PG_VERSION")) &&
                             !files.exists(step.now().fast("postgres-dcm4che-old")));
  const Truth is_open = !is_swapped(step);
  step.decide("dumped", is_open && is_whole(find_dump(step, kDump)));
  step.decide("running", is_open && runs);
  step.decide("started", is_open && container && !runs);
  step.decide("not-started", is_open && !container && !runs);
  step.trap("T09", has_other);
  step.trap("T11", runs && container);
}

void judge_k03_02(Step& step) {
  const auto before = rows_before(step)("series");
  const auto now = rows_in_database(step.now())("series");
  const auto counted = before.is_unseen() ? now : before;
  const auto images = step.files().sum(step.now().slow("dcm4che/dicom_data"));
  const Truth has_images = images.test([](const FileTree::Sum& sum) { return sum.files > 0; });
  step.set("series", counted.is_ok() ? fmt::format("{}", *counted) : "0");
  step.set("files", images.is_ok() ? fmt::format("{}", images->files) : "");
  step.decide("empty", counted.test([](std::uint64_t count) { return count == 0; }) && has_images);
  step.decide("noted", before.exists());
  step.decide("not-noted", Truth(!step.baseline()) && now.exists());
}

void judge_k03_03(Step& step) { judge_dump(step, kDump, std::nullopt); }

void judge_k03_05(Step& step) {
  const std::string folder = folder_of(step);
  const Truth locked = step.files().exists(join(folder, "postmaster.pid"));
  const Truth container = has_container(step, "db");
  const Truth has_copy = step.files().exists(step.now().fast("postgres-dcm4che9.6"));
  step.set("folder", folder);
  step.decide("over", is_swapped(step));
  step.decide("running", container && !has_copy);
  step.decide("unclean", locked && (!container || has_copy) && !pacs_runs(step));
  step.decide("stopped", !locked && (!container || has_copy));
}

void judge_k03_06(Step& step) {
  const FileTree& files = step.files();
  const std::string folder = step.now().fast("postgres-dcm4che9.6");
  const auto version = files.pg_version(folder);
  const auto dump = find_dump(step, kDump);
  const auto made = files.find(join(folder, "PG_VERSION"));
  Truth is_stale = false;
  if (dump.is_ok() && made.is_ok()) {
    // The dump may lie where nothing was listed: then its age is not known, and that is no fault.
    const auto saved = files.find(dump->path);
    is_stale = saved.is_ok() && made->modified < saved->modified;
  }
  step.set("folder", folder);
  step.set("version", version.is_ok() ? *version : "none");
  step.decide("over", is_swapped(step) && !files.exists(folder));
  step.decide("missing", !files.exists(folder) && !is_swapped(step));
  step.decide("wrong-version", version.test([](const auto& text) { return text != "9.6"; }));
  step.decide("unfinished", files.exists(folder) && !made.exists());
  step.decide("stale", is_stale);
  step.decide("started", version.test([](const auto& text) { return text == "9.6"; }));
}

void judge_k03_10(Step& step) {
  const auto dump = find_dump(step, kUpdatedDump);
  const Truth is_old = dump.test([](const DumpFile& file) {
    return !file.has_column("study", "study_deleting") ||
           !file.has_column("patient_id", "patient_fk") ||
           file.has_column("patient", "patient_id_fk");
  });
  judge_dump(step, kUpdatedDump, is_old);
}

}  // namespace dagfix::runtime
