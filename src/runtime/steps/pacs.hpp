#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runtime/step.hpp"
#include "runtime/view/dumps.hpp"

// The archive's database and its folders, as steps of several guides ask for them.
namespace dagfix::runtime {

/// Rows of one of the archive's tables, by its name.
using Rows = std::function<Answer<std::uint64_t>(std::string_view table)>;

/// Those of the database as it is in a bundle.
Rows rows_in_database(const Platform& platform);
/// Those of the baseline; not seen if there is none.
Rows rows_before(const Step& step);
/// What there is instead of an answer of the baseline if there is none.
Unseen no_baseline();
/// Those that a dump holds.
Rows rows_in_dump(const Answer<DumpFile>& dump);

/// Patients, studies, series, instances and files in two places.
struct Compared {
  Truth is_equal = true;
  Truth any_fewer = false;
  Truth any_more = false;
  Truth is_empty = true;  ///< There is no series now although there was one.
  std::string text;       ///< "series: 12 before, 0 now"; what is not equal.
};
/// Compares, and adds a line of evidence for each table that is seen in both.
Compared compare_rows(Step& step, const Rows& before, const Rows& now);

/// Whether a folder has data of this version of PostgreSQL.
Truth is_postgres(const Step& step, std::string_view folder, std::string_view version);
/// Whether docker has a container of this name, running or not.
Truth has_container(const Step& step, std::string_view name);
/// Whether the pod of the archive's database runs.
Truth pacs_runs(const Step& step);
/// Pods of the services whose label app-name is this.
Answer<Kubernetes::Objects> pods_of_app(const Step& step, std::string_view app);

}  // namespace dagfix::runtime
