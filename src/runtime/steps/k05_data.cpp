#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

// Revisions of 0.5's backend: 0.5.2:.../alembic/versions.
constexpr std::string_view kBaselineRevision = "5d694eb1a7b1";

std::vector<Kept> counts_of(const Step& step, std::string_view database,
                            std::initializer_list<std::string_view> queries) {
  std::vector<Kept> pairs;
  if (!step.baseline()) return pairs;
  for (const std::string_view query : queries) {
    pairs.push_back({std::string(query), step.baseline()->sql().count(database, query),
                     step.now().sql().count(database, query)});
  }
  return pairs;
}

std::string revision_of(const Step& step, std::string_view database) {
  const auto rows = step.now().sql().rows(database, "alembic");
  if (!rows.is_ok() || rows->empty() || rows->front().empty()) return {};
  return rows->front().front().value_or("");
}

/// Datasets and workflows alike: `query` has a name and, last, project_id.
void judge_projects(Step& step, std::string_view table, std::string_view query) {
  const Sql& sql = step.now().sql();
  const auto rows = sql.rows("backend", query);
  const Truth has_column = sql.has("backend", table, "project_id");
  const auto admin = sql.rows("aii", "admin-project");
  std::string admin_id;
  if (admin.is_ok() && !admin->empty()) admin_id = admin->front().front().value_or("");
  std::vector<std::string> without;
  std::set<std::string> old_names;
  if (step.baseline()) {
    const auto before = step.baseline()->sql().rows("backend", fmt::format("{}-names", table));
    if (before.is_ok()) {
      for (const Sql::Row& row : *before) old_names.insert(row.front().value_or(""));
    }
  }
  std::vector<std::string> foreign;
  bool is_elsewhere = false;
  if (rows.is_ok()) {
    for (const Sql::Row& row : *rows) {
      const std::string name = row.front().value_or("");
      if (!row.back()) without.push_back(name);
      const bool is_other = row.back() && !admin_id.empty() && *row.back() != admin_id;
      is_elsewhere = is_elsewhere || is_other;
      if (is_other && old_names.contains(name)) foreign.push_back(name);
    }
  }
  step.set("without", some_of(without));
  step.set("foreign", some_of(foreign));
  step.set("revision", revision_of(step, "backend"));
  step.set("count", rows.is_ok() ? fmt::format("{}", rows->size()) : "");
  const Truth is_read = rows.exists();
  const Truth is_stuck =
      any_pod_fails(step) && sql.rows("backend", "alembic").test([](const auto& found) {
        return !found.empty() && found.front().front() == kBaselineRevision;
      });
  step.decide("stuck", !has_column && is_stuck);
  step.decide("old", !has_column);
  step.decide("without", is_read && Truth(!without.empty()));
  step.decide("foreign", is_read && Truth(!foreign.empty()));
  // Which is the admin project, and what of the others is old, has to be known.
  Truth is_right = rows.test([](const auto& all) { return all.empty(); }) || admin.exists();
  if (is_elsewhere && !step.baseline()) is_right = is_right && Step::without_baseline();
  step.decide("bound",
              has_column && is_read && Truth(without.empty() && foreign.empty()) && is_right);
}

/// One run of a DAG.
struct Run {
  std::string dag;
  std::string state;
  std::optional<Time> start;
  std::optional<Time> end;
};

Answer<std::vector<Run>> runs_of(const Step& step) {
  return step.now().sql().rows("airflow", "dag-runs").map([](const auto& rows) {
    std::vector<Run> runs;
    for (const Sql::Row& row : rows) {
      if (row.size() != 4) continue;
      runs.push_back({row[0].value_or(""), row[1].value_or(""), parse_time(row[2].value_or("")),
                      parse_time(row[3].value_or(""))});
    }
    std::ranges::stable_sort(runs, {}, [](const Run& run) { return run.start; });
    return runs;
  });
}

const Run* last_run(const std::vector<Run>& runs, std::string_view dag) {
  const Run* last = nullptr;
  for (const Run& run : runs) {
    if (run.dag == dag) last = &run;
  }
  return last;
}

std::uint64_t count_thumbnails(const std::vector<std::string>& keys) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(keys, [](const std::string& key) { return key.ends_with(".png"); }));
}

/// Whether a DAG has the label of before 0.4.1, however it quotes it.
bool names_old_label(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '"' || c == '\''; });
  return text.contains("network-access:opensearch");
}

}  // namespace

void judge_k05_o1(Step& step) {
  judge_kept(step, counts_of(step, "backend",
                             {"dataset-count", "dataset-series-count", "workflow-count"}));
}

void judge_k05_o2(Step& step) {
  judge_kept(step, counts_of(step, "pacsdb",
                             {"patient-count", "study-count", "series-count", "instance-count"}));
}

void judge_k05_o3(Step& step) {
  std::vector<Kept> pairs;
  if (step.baseline()) {
    const auto before = step.baseline()->search().indices();
    if (before.is_unseen()) pairs.push_back({"indices", before.unseen(), std::uint64_t{0}});
    if (before.is_ok()) {
      for (const Search::Index& index : *before) {
        if (index.name.starts_with('.')) continue;  // OpenSearch's own
        pairs.push_back({index.name, index.documents, step.now().search().count(index.name)});
      }
    }
  }
  judge_kept(step, pairs);
}

void judge_k05_o4(Step& step) {
  std::vector<Kept> pairs;
  if (step.baseline()) {
    const auto before = step.baseline()->objects().buckets();
    if (before.is_unseen()) pairs.push_back({"buckets", before.unseen(), std::uint64_t{0}});
    if (before.is_ok()) {
      const auto size = [](const auto& keys) { return static_cast<std::uint64_t>(keys.size()); };
      for (const auto& [name, _] : *before) {
        // Of a bucket that was not listed to its end nothing can be said.
        pairs.push_back({name, step.baseline()->objects().keys(name).map(size),
                         step.now().objects().keys(name).map(size)});
      }
    }
  }
  judge_kept(step, pairs);
}

void judge_k05_o5(Step& step) { judge_projects(step, "dataset", "dataset-projects"); }

void judge_k05_o6(Step& step) { judge_projects(step, "workflow", "workflow-projects"); }

void judge_k05_o7(Step& step) {
  const Sql& sql = step.now().sql();
  const Truth has_ids = sql.has("aii", "projects", "int_id");
  const Truth has_data = sql.has("aii", "data") || sql.has("aii", "data_projects");
  const Truth has_old = sql.has("dwf", "data_projects", "old_project_id");
  const auto nulls = sql.count("dwf", "data-projects-without-project");
  const Truth any_null = nulls.test([](std::uint64_t count) { return count > 0; });
  step.set("aii", revision_of(step, "aii"));
  step.set("dwf", revision_of(step, "dwf"));
  step.set("nulls", nulls.is_ok() ? fmt::format("{}", *nulls) : "");
  step.decide("without", has_old && any_null);
  step.decide("old", !has_ids && !has_old);
  step.decide("half", (has_ids && !has_old) || (!has_ids && has_old) || (has_ids && has_data));
  step.decide("migrated", has_ids && !has_data && has_old && !any_null);
}

void judge_k05_n3(Step& step) {
  constexpr std::array<std::string_view, 3> kDags = {"clear-validation-results", "validate-dicoms",
                                                     "generate-thumbnail"};
  const auto runs = runs_of(step);
  std::vector<std::string> failed, missing, open;
  std::array<const Run*, 3> last{};
  for (std::size_t i = 0; i < kDags.size() && runs.is_ok(); ++i) {
    last[i] = last_run(*runs, kDags[i]);
    std::string name(kDags[i]);
    if (!last[i]) {
      missing.push_back(name);
    } else if (last[i]->state == "failed") {
      failed.push_back(name);
    } else if (last[i]->state != "success") {
      open.push_back(name);
    }
  }
  const bool all_succeeded = missing.empty() && failed.empty() && open.empty() && runs.is_ok();
  const auto in_order = [](const Run& first, const Run& second) {
    return first.end && second.start && *first.end <= *second.start;
  };
  const bool is_ordered =
      all_succeeded && in_order(*last[0], *last[1]) && in_order(*last[1], *last[2]);
  const auto thumbnails =
      step.now().objects().keys(step.profile().get("namespaces.project"), "thumbnails/");
  const auto series = step.now().sql().count("pacsdb", "series-uids");
  const auto pictures = thumbnails.map(count_thumbnails);
  if (pictures.is_ok() && series.is_ok()) {
    step.evidence(fmt::format("{} thumbnails, {} series", *pictures, *series));
  }
  step.set("failed", some_of(failed));
  step.set("missing", some_of(missing));
  step.set("open", some_of(open));
  const Truth is_read = runs.exists();
  step.decide("complete", !is_less(pictures, series) && step.is_after());
  step.decide("failed", is_read && Truth(!failed.empty()));
  step.decide("wrong-order", is_read && Truth(all_succeeded && !is_ordered));
  step.decide("done", is_read && Truth(is_ordered));
  step.decide("none", is_read && Truth(missing.size() == kDags.size()));
  step.decide("begun", is_read && Truth(!all_succeeded));
  step.trap("T27", is_read && Truth(all_succeeded && !is_ordered && step.is_open()));
}

void judge_k05_7(Step& step) {
  constexpr std::array<std::string_view, 2> kOld = {"convert-nifitis-to-dicoms-and-import-to-pacs",
                                                    "import-dicoms-in-zip-to-internal-pacs"};
  const auto is_old = [&](const std::optional<std::string>& name) {
    return name && std::ranges::find(kOld, *name) != kOld.end();
  };
  const Sql& sql = step.now().sql();
  std::vector<std::string> found;
  const auto dags = sql.rows("airflow", "dags");
  if (dags.is_ok()) {
    for (const Sql::Row& row : *dags) {
      const bool is_active = row.size() > 1 && row[1] && (*row[1] == "true" || *row[1] == "t");
      if (is_old(row.front()) && is_active) found.push_back(fmt::format("DAG {}", *row.front()));
    }
  }
  const auto jobs = sql.rows("backend", "job-dags");
  if (jobs.is_ok()) {
    const auto count = std::ranges::count_if(*jobs, [&](const Sql::Row& row) {
      return is_old(row.front()) && row.back() != "finished";
    });
    if (count > 0) found.push_back(fmt::format("{} jobs of the backend", count));
  }
  const auto small =
      step.now().bundle().names("fs/small" + step.now().fast("workflows/dags") + "/");
  for (const std::string_view name : small) {
    if (!name.ends_with("_trigger_rule.json")) continue;
    const auto text = step.now().bundle().text(name);
    const bool names_old = text.is_ok() && std::ranges::any_of(kOld, [&](std::string_view dag) {
                             return text->contains(dag);
                           });
    if (names_old) found.emplace_back(name.substr(name.rfind('/') + 1));
  }
  Truth has_old_label = Truth(!small.empty()) || step.files().exists(step.now().fast("workflows"));
  has_old_label = has_old_label && Truth(std::ranges::any_of(small, [&](std::string_view name) {
                    const auto text = step.now().bundle().text(name);
                    return text.is_ok() && names_old_label(*text);
                  }));
  const auto errors = sql.rows("airflow", "import-errors");
  std::vector<std::string> broken;
  if (errors.is_ok()) {
    for (const Sql::Row& row : *errors) broken.push_back(row.front().value_or(""));
  }
  set_dag_names(step);
  step.set("found", some_of(found));
  step.set("broken", some_of(broken));
  step.trap("T26", has_old_label);
  // Before the upgrade it is an error of the old platform.
  step.decide("import-errors", step.is_after() && errors.exists() && Truth(!broken.empty()));
  step.decide("old-names", Truth(!found.empty()));
  step.decide("findings", Truth(step.dags() && step.dags()->is_open()));
  step.decide("clean", dags.exists() && jobs.exists() && errors.exists() && Truth(found.empty()) &&
                           Truth(broken.empty()) && step.has_clean_dags());
}

}  // namespace dagfix::runtime
