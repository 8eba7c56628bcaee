#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/scan.hpp"
#include "report/graph_report.hpp"
#include "report/report.hpp"
#include "rules/rule_set.hpp"

namespace dagfix {

enum class Mode : std::uint8_t { check, diff, apply };

/// What a run is asked to do.
struct Job {
  Mode mode = Mode::check;
  std::optional<Version> from;  ///< None: to be detected.
  Version to;
  Selection selection;
  Safety most = Safety::safe;  ///< Of the fixes for diff and apply.
  LineHashes line_hashes = LineHashes::with;
  unsigned jobs = 1;
  std::string root;  ///< Absolute path of the current folder.
  /// Folders that were walked, as they were given; a file's path does no harm.
  std::vector<std::string> walked;
  /// The inputs have their bytes, and nothing else is read from this machine's disk.
  bool is_in_memory = false;
};

/// A file that has fixes, and what it becomes.
struct Rewrite {
  std::string path;
  std::string old_bytes;
  std::string new_bytes;
  std::map<std::string, std::size_t> applied;  ///< Rule code -> number of findings.
};

/// Writes files. Returns for each one why it was not written, or nothing.
using Writer = std::function<std::vector<std::optional<std::string>>(std::span<const Rewrite>)>;

/// What a run found.
struct Outcome {
  Report report;  ///< For apply: what is left.
  std::string diff;
  std::vector<Rewrite> rewrites;  ///< Files that were written; sorted by path. Without their bytes.
  std::vector<std::string> bugs;  ///< Of dagfix itself: one line each, with the path.
};

/// What reading graphs gave.
struct GraphOutcome {
  GraphReport report;
  std::vector<Failure> failures;  ///< Sorted by path.
};

/// Reads the graphs of the DAGs in all files, and marks what the fixes up to `job.most` change.
/// `rules` and error: as of run_job().
std::expected<GraphOutcome, std::string> run_graph_job(const Job& job, RuleSet rules,
                                                       std::vector<Input> inputs);

/// Reads, analyses and fixes files. The same for any number of threads. `write` is called once, for
/// apply, when all files are analysed: what they know of each other is what was there before.
/// `rules` are those of widest_rules(). Error: a selection that names an unknown rule.
std::expected<Outcome, std::string> run_job(const Job& job, RuleSet rules,
                                            std::vector<Input> inputs, const Writer& write,
                                            const ProgressSink& progress);

}  // namespace dagfix
