#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.hpp"

namespace dagfix {

/// How many findings each file had, by rule. Paths are relative to the baseline file's folder.
using Baseline = std::map<std::string, std::map<std::string, std::size_t>>;

/// Path of a report as a baseline in `folder` (absolute) writes it. `root`: see Report.
std::string baseline_path(std::string_view folder, std::string_view root, std::string_view path);

Baseline count_findings(const Report& report, std::string_view folder);

/// Error: one line that names the place in the text.
std::expected<Baseline, std::string> parse_baseline(std::string_view text);
std::string format_baseline(const Baseline& baseline);

/// What comparing with a baseline gave, besides what it hid.
struct BaselineNotes {
  std::size_t hidden = 0;
  std::vector<std::string> exceeded;  ///< One line each: more findings than the baseline counts.
  std::size_t stale = 0;              ///< Entries that count more than there is now.
};

/// Removes the findings of a rule in a file if there are no more of them than the baseline counts.
/// If there are more, nobody can say which are new, so all stay. `seen` are the paths of the files
/// that were looked at: entries of others are not stale.
BaselineNotes hide_known(Report& report, const Baseline& baseline, std::string_view folder,
                         std::span<const std::string> seen);

}  // namespace dagfix
