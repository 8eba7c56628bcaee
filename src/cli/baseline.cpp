#include "cli/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "report/unicode.hpp"

namespace dagfix {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kFormat = 1;

std::expected<Baseline, std::string> read_files(const json& files) {
  Baseline baseline;
  for (const auto& [path, rules] : files.items()) {
    for (const auto& [code, count] : rules.items()) {
      if (!rules.is_object() || !count.is_number_unsigned()) {
        return std::unexpected(fmt::format("is no baseline: {} has no counts by rule", path));
      }
      baseline[path][code] = count.get<std::size_t>();
    }
  }
  return baseline;
}

std::size_t known(const Baseline& baseline, const std::string& path, const std::string& code) {
  const auto file = baseline.find(path);
  if (file == baseline.end()) return 0;
  const auto rule = file->second.find(code);
  return rule == file->second.end() ? 0 : rule->second;
}

std::size_t count_stale(const Baseline& baseline, const Baseline& counts,
                        const std::set<std::string>& seen, const Report& report) {
  std::size_t stale = 0;
  for (const auto& [path, rules] : baseline) {
    if (!seen.contains(path)) continue;
    for (const auto& [code, count] : rules) {
      const bool ran = std::ranges::any_of(
          report.rules, [&](const RuleInfo* rule) { return rule->code == code; });
      if (ran && count > known(counts, path, code)) ++stale;
    }
  }
  return stale;
}

}  // namespace

std::string baseline_path(std::string_view folder, std::string_view root, std::string_view path) {
  const fs::path absolute = (fs::path(root) / path).lexically_normal();
  // JSON cannot hold the names of all files.
  return valid_utf8(absolute.lexically_relative(folder).generic_string());
}

Baseline count_findings(const Report& report, std::string_view folder) {
  Baseline counts;
  for (const FileReport& file : report.files) {
    auto& rules = counts[baseline_path(folder, report.root, file.path)];
    for (const ReportedFinding& finding : file.findings) ++rules[finding.rule->code];
  }
  return counts;
}

std::expected<Baseline, std::string> parse_baseline(std::string_view text) {
  try {
    const json document = json::parse(text);
    if (document.at("dagfix_baseline") != kFormat) {
      return std::unexpected("is of a format that this version of dagfix does not know");
    }
    return read_files(document.at("files"));
  } catch (const json::exception& error) {
    // "[json.exception.parse_error.101] " is of no use to people.
    std::string_view what = error.what();
    if (const auto end = what.find("] "); end != std::string_view::npos)
      what.remove_prefix(end + 2);
    return std::unexpected(fmt::format("is no baseline: {}", what));
  }
}

std::string format_baseline(const Baseline& baseline) {
  const json document = {{"dagfix_baseline", kFormat}, {"files", baseline}};
  return document.dump(2) + '\n';
}

BaselineNotes hide_known(Report& report, const Baseline& baseline, std::string_view folder,
                         std::span<const std::string> seen) {
  BaselineNotes notes;
  const Baseline counts = count_findings(report, folder);
  std::set<std::string> seen_paths;
  for (const std::string& path : seen) {
    seen_paths.insert(baseline_path(folder, report.root, path));
  }
  notes.stale = count_stale(baseline, counts, seen_paths, report);
  for (FileReport& file : report.files) {
    const std::string path = baseline_path(folder, report.root, file.path);
    for (const auto& [code, count] : counts.at(path)) {
      const std::size_t limit = known(baseline, path, code);
      if (limit == 0 || count <= limit) continue;
      notes.exceeded.push_back(
          fmt::format("{}: {} findings of {}, the baseline counts {}: all are shown", file.path,
                      count, code, limit));
    }
    notes.hidden += std::erase_if(file.findings, [&](const ReportedFinding& finding) {
      const std::string& code = finding.rule->code;
      return counts.at(path).at(code) <= known(baseline, path, code);
    });
  }
  std::erase_if(report.files, [](const FileReport& file) { return file.findings.empty(); });
  return notes;
}

}  // namespace dagfix
