#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

// In the order in which they are applied. 5.31.1 stands behind 5.31.
constexpr std::array<std::string_view, 7> kScripts = {"5.27", "5.28",   "5.29", "5.30",
                                                      "5.31", "5.31.1", "5.32"};

/// Whether a script was applied, from what it leaves behind (dcm4chee-arc-light, sql/psql).
Truth is_applied(const Sql& sql, std::string_view script) {
  const auto has = [&](std::string_view table, std::string_view column = {}) {
    return sql.has("pacsdb", table, column);
  };
  if (script == "5.27") return has("instance_req");
  // 5.28 makes key_value, which 5.29 replaces.
  if (script == "5.28") return has("key_value") || has("key_value2");
  if (script == "5.29") return has("key_value2") && !has("key_value");
  if (script == "5.30") return has("mwl_item", "worklist_label") && !has("mwl_item", "local_aet");
  if (script == "5.31") return has("patient_id", "patient_fk") && !has("patient", "patient_id_fk");
  if (script == "5.31.1") return sql.has_index("pacsdb", "idxe6odcfrgswxke8wtlj8bdehet");
  return has("study", "study_deleting");
}

struct Applied {
  std::array<Truth, kScripts.size()> each = {false, false, false, false, false, false, false};
  Truth all = true;
  Truth any = false;
  Truth any_skipped = false;  // a later one is there, an earlier one not
  std::vector<std::string> missing;
};

Applied find_applied(const Sql& sql) {
  Applied applied;
  for (std::size_t i = 0; i < kScripts.size(); ++i) {
    const Truth now = is_applied(sql, kScripts[i]);
    for (std::size_t before = 0; before < i; ++before) {
      applied.any_skipped = applied.any_skipped || (now && !applied.each[before]);
    }
    applied.each[i] = now;
    applied.all = applied.all && now;
    applied.any = applied.any || now;
    if (now.is_no()) applied.missing.emplace_back(kScripts[i]);
  }
  return applied;
}

/// Whether the answers are those of the container, not of the platform's database.
Truth is_container(const Step& step) {
  const auto version = step.now().sql().server_version("pacsdb");
  if (!version.is_ok()) return version.exists();
  // The old database is of the same version: where a server has it open, it may have answered.
  const std::string lock = step.now().fast("postgres-dcm4che/postmaster.pid");
  if (pacs_runs(step).is_yes() || step.files().exists(lock).is_yes()) {
    return Truth::unknown({State::unreachable, "sql/pacsdb.json",
                           "the old database is open, too, and may be the one that answered"});
  }
  if (version->starts_with("9.")) return true;
  return Truth::unknown(
      {State::unreachable, "sql/pacsdb.json",
       fmt::format("is PostgreSQL {}, not the container db: set sql.pacsdb.host", *version)});
}

/// Whether patients that had an id have none after 5.31; {unlinked} is how many.
Truth have_lost_ids(Step& step) {
  const Sql& sql = step.now().sql();
  const auto links = sql.count("pacsdb", "patient-id-count");
  const auto unlinked = sql.count("pacsdb", "patient-id-unlinked");
  const auto without = sql.count("pacsdb", "patients-without-id");
  if (links.is_ok() && unlinked.is_ok() && *links > 0 && *links == *unlinked) {
    step.set("unlinked", "all");
    return true;
  }
  step.set("unlinked", without.is_ok() ? fmt::format("{}", *without) : "some");
  const Truth any = without.test([](std::uint64_t count) { return count > 0; });
  if (!any.is_yes() || !step.baseline()) {
    // DICOM allows a patient without an id: whether it had one, a bundle from before knows.
    return any.is_yes() ? Step::without_baseline() : any;
  }
  const auto before = step.baseline()->sql().count("pacsdb", "patients-without-old-id");
  return is_less(before, without);
}

}  // namespace

void judge_k03_04(Step& step) {
  const Bundle& bundle = step.now().bundle();
  const bool has_looked = bundle.find("scripts/modes.tsv") != nullptr;
  std::vector<std::string> missing;
  std::vector<std::string> strange;
  Truth all = true;
  Truth any = false;
  bool has_page = false;
  for (const std::string_view version : kScripts) {
    const std::string name = fmt::format("update-{}-psql.sql", version);
    const std::string entry = "scripts/" + name;
    if (!bundle.find(entry) && has_looked) {
      all = false;
      missing.push_back(name);
      continue;
    }
    const auto text = bundle.text(entry);
    all = all && text.exists();
    any = any || text.exists();
    if (text.is_absent()) missing.push_back(name);
    if (!text.is_ok()) continue;
    const ShellScript script(*text);
    const bool is_sql = text->contains("alter table") || text->contains("create ") ||
                        text->contains("ALTER TABLE") || text->contains("CREATE ");
    if (!is_sql || !script.instead_of_script().empty()) strange.push_back(name);
    has_page = has_page || script.instead_of_script() == "an HTML page";
  }
  step.set("strange", some_of(strange));
  step.set("missing", some_of(missing));
  step.decide("applied", find_applied(step.now().sql()).all);
  step.decide("no-sql", !strange.empty());
  step.decide("there", all);
  step.decide("part", any && !all);
  step.decide("missing", !any && !all);
  step.trap("T01", has_page);
}

void judge_k03_07(Step& step) {
  const Truth has_copy = step.files().exists(step.now().fast("postgres-dcm4che9.6"));
  const auto later = Dumps(step.now().bundle()).find("pacsdb_updated.sql");
  const Truth is_later = later.test([](const DumpFile& file) { return file.is_complete; });
  const Truth swapped = is_postgres(step, step.now().fast("postgres-dcm4che"), "15");
  step.decide("over", swapped || is_later);
  step.decide("no-copy", !has_copy && !swapped);
  const Truth is_new = has_copy && is_container(step);
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  step.set("rows", rows.text);
  step.decide("twice", is_new && rows.any_more);
  step.decide("empty", is_new && rows.is_empty);
  step.decide("part", is_new && rows.any_fewer);
  step.decide("imported", is_new && rows.is_equal);
}

void judge_k03_08(Step& step) {
  const Sql& sql = step.now().sql();
  const Truth has_copy = step.files().exists(step.now().fast("postgres-dcm4che9.6"));
  const Truth swapped = is_postgres(step, step.now().fast("postgres-dcm4che"), "15");
  Truth any_orphan = false;
  std::vector<std::string> orphans;
  for (const char* const query :
       {"instance-orphans", "series-orphans", "study-orphans", "location-orphans"}) {
    const auto count = sql.count("pacsdb", query);
    // Renamed or dropped columns have nothing to say.
    any_orphan = any_orphan || count.test([](std::uint64_t found) { return found > 0; });
    if (count.is_ok() && *count > 0) orphans.push_back(fmt::format("{}: {}", query, *count));
  }
  step.set("orphans", some_of(orphans));
  step.decide("no-copy", !has_copy && !swapped);
  const Truth is_new = (has_copy && is_container(step)) || swapped;
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  step.set("rows", rows.text);
  step.decide("orphans", is_new && any_orphan);
  step.decide("fewer", is_new && rows.any_fewer);
  step.decide("whole", is_new && !rows.any_fewer && !any_orphan);
}

void judge_k03_09(Step& step) {
  const Sql& sql = step.now().sql();
  const Applied applied = find_applied(sql);
  const Truth lost = have_lost_ids(step);
  std::vector<std::string> commands;
  for (const std::string& script : applied.missing) {
    commands.push_back(fmt::format(
        "docker exec db psql -v ON_ERROR_STOP=1 -U pacs -d pacsdb -f /update/update-{}-psql.sql",
        script));
  }
  step.set_commands("updates", commands);
  step.set("missing", fmt::format("{}", fmt::join(applied.missing, ", ")));
  step.decide("skipped", applied.any_skipped);
  step.decide("unlinked", applied.each[4] && lost);
  step.decide("applied", applied.all && !lost);
  step.decide("part", applied.any && !applied.all);
  step.decide("none", !applied.any);
  step.trap("T12b", applied.any_skipped);
  step.trap("T00", !applied.each[4] && (applied.each[5] || applied.each[6]));
}

}  // namespace dagfix::runtime
