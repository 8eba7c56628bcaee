#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/answer.hpp"
#include "runtime/guide.hpp"

namespace dagfix::runtime {

class Platform;

/// One file of the folder of DAGs, and what is to change in it.
struct DagFile {
  std::string path;               ///< On the platform.
  std::vector<std::string> dags;  ///< That Airflow's table has from it.
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t notes = 0;
  std::size_t fixable = 0;  ///< Findings that have a fix, safe or not.
  std::string first;        ///< The worst finding: "12: what is wrong".

  std::size_t findings() const { return errors + warnings + notes; }
};

/// What a check of files says.
struct CheckedDags {
  std::string from;
  std::string to;
  std::vector<DagFile> files;  ///< Those with findings, by path.
  std::vector<Unseen> unread;  ///< Those that could not be checked.
};

/// Does what `dagfix --check --from --to` does, with texts in memory. Versions as in its options.
/// Error, one line.
struct DagSource {
  std::string path;
  std::string text;
};
using DagChecker = std::function<std::expected<CheckedDags, std::string>(
    std::vector<DagSource> files, const std::string& from, const std::string& to)>;

/// What the platform's own code needs: with the steps it is one plan.
struct DagPlan {
  std::string folder;
  std::string from;
  std::string to;
  std::size_t checked = 0;         ///< Files that were looked at.
  std::size_t shipped = 0;         ///< Of these, Kaapana's own: the deployment replaces them.
  std::vector<DagFile> files;      ///< Own files with findings, by path.
  std::vector<std::string> stale;  ///< Kaapana's own that `to` does not have any more.
  std::vector<std::string> without_file;  ///< DAGs of Airflow's table whose file is not there.
  std::vector<std::string> without_row;   ///< Files that make a DAG that the table does not have.
  std::vector<Unseen> unseen;             ///< What could not be read or checked.
  bool is_empty = false;                  ///< The folder was listed, and has no such file.
  bool has_table = false;                 ///< Airflow's table was seen.
  bool is_after = false;                  ///< The new platform runs: fixes can be applied.
  std::vector<std::string> commands;      ///< What to do next, quoted for the shell.

  std::size_t findings() const;
  /// Whether own code has to change.
  bool is_open() const { return findings() > 0; }
  /// Whether everything was looked at and nothing has to change.
  Truth is_clean() const;
};

/// Makes the plan. `before` is the platform before the upgrade, or null. Nothing for guides of
/// another platform than Kaapana.
std::optional<DagPlan> plan_dags(const Platform& platform, const Platform* before,
                                 const Guide& guide, Phase phase, const DagChecker& check);

}  // namespace dagfix::runtime
