#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <unordered_map>

#include "report/common.hpp"
#include "report/report.hpp"
#include "report/sarif_rules.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr std::string_view kRoot = "SRCROOT";

// GitHub refuses a run with more results; further results go into further runs.
constexpr std::size_t kMaxResults = 25'000;
// GitHub refuses a result with more than 1,000 locations and shows 100.
constexpr std::size_t kMaxRelated = 100;

struct Result {
  const FileReport* file = nullptr;
  const ReportedFinding* finding = nullptr;
};

std::string encode_uri(std::string_view path) {
  constexpr std::string_view kUnreserved = "-._~/";
  std::string uri;
  for (const char c : path) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || kUnreserved.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      fmt::format_to(std::back_inserter(uri), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

Json artifact_location(const Report& report, std::string_view path) {
  const std::string from_root = path_from(report.root, path);
  const std::string uri = encode_uri(from_root);
  if (from_root.starts_with('/')) return {{"uri", "file://" + uri}};
  return {{"uri", uri}, {"uriBaseId", kRoot}};
}

// SARIF wants IANA's names; of the encodings that Python calls otherwise, these are in use.
std::string iana_name(std::string_view encoding) {
  const auto renamed = [&](std::string_view prefix, std::string_view other) {
    return std::string(other) + std::string(encoding.substr(prefix.size()));
  };
  if (encoding.starts_with("iso8859-")) return renamed("iso8859-", "iso-8859-");
  if (encoding.starts_with("cp125")) return renamed("cp", "windows-");
  if (encoding.starts_with("euc_")) return renamed("euc_", "euc-");
  return encoding == "ascii" ? "us-ascii" : std::string(encoding);
}

Json region_json(Region region) {
  return {{"startLine", region.begin.line},
          {"startColumn", region.begin.column},
          {"endLine", region.end.line},
          {"endColumn", region.end.column}};
}

/// Writes one run: the results of `results` and, in the first run, the failures.
class RunWriter {
 public:
  RunWriter(const Report& report, std::span<const Result> results)
      : report_(report), results_(results) {
    for (const Result& result : results) {
      rules_.try_emplace(result.finding->rule->code, result.finding->rule);
      if (files_.empty() || files_.back() != result.file) files_.push_back(result.file);
      file_index_[result.file] = files_.size() - 1;
    }
  }

  Json run(std::size_t number) const {
    Json results = Json::array();
    for (const Result& result : results_) results.push_back(result_json(result));
    // The id without a run part is the category by which GitHub replaces the alerts of an earlier
    // upload; each run needs its own.
    const std::string id = number == 0 ? "dagfix/" : fmt::format("dagfix/part-{}/", number + 1);
    return {{"tool", {{"driver", driver_json()}}},
            {"automationDetails", {{"id", id}}},
            {"invocations", Json::array({invocation_json(number == 0)})},
            {"columnKind", "unicodeCodePoints"},
            {"newlineSequences", Json::array({"\r\n", "\n", "\r"})},
            // Without a uri: reports of the same files are the same on every machine.
            {"originalUriBaseIds",
             {{kRoot, {{"description", {{"text", "The folder that dagfix was started in."}}}}}}},
            {"artifacts", artifacts_json()},
            {"results", std::move(results)}};
  }

 private:
  // Only the rules of this run's results. GitHub builds alerts from results and closes those that
  // are no longer reported; descriptors of silent rules add nothing but size.
  Json driver_json() const {
    Json rules = Json::array();
    for (const auto& [code, rule] : rules_) rules.push_back(sarif_rule(*rule));
    return {{"name", kToolName},
            {"semanticVersion", tool_version()},
            {"informationUri", sarif_information_uri()},
            {"rules", std::move(rules)}};
  }

  Json invocation_json(bool with_failures) const {
    Json notifications = Json::array();
    if (with_failures) {
      for (const Failure& failure : report_.failures)
        notifications.push_back(notification(failure));
    }
    return {{"executionSuccessful", report_.failures.empty()},
            {"toolExecutionNotifications", std::move(notifications)}};
  }

  Json notification(const Failure& failure) const {
    const Json location = artifact_location(report_, failure.path);
    return {{"level", "error"},
            {"message", {{"text", sentence(failure.message)}}},
            {"locations", Json::array({{{"physicalLocation", {{"artifactLocation", location}}}}})}};
  }

  Json artifacts_json() const {
    Json artifacts = Json::array();
    for (const FileReport* file : files_) {
      artifacts.push_back({{"location", artifact_location(report_, file->path)},
                           {"encoding", iana_name(file->encoding)},
                           {"sourceLanguage", "python"}});
    }
    return artifacts;
  }

  Json location_of(const FileReport& file) const {
    Json location = artifact_location(report_, file.path);
    location["index"] = file_index_.at(&file);
    return location;
  }

  Json result_json(const Result& result) const {
    const auto& [file, finding] = result;
    const auto rule = rules_.find(finding->rule->code);
    Json location = location_of(*file);
    Json json{{"ruleId", finding->rule->code},
              {"ruleIndex", std::distance(rules_.begin(), rule)},
              {"level", sarif_level(finding->severity)},
              {"message", {{"text", advice(*finding)}}},
              {"locations", Json::array({physical(location, finding->region)})},
              {"partialFingerprints",
               {{"dagfixFinding/v1", finding->fingerprint},
                {"primaryLocationLineHash", finding->line_hash}}}};
    if (!finding->related.empty()) json["relatedLocations"] = related_json(*finding, location);
    if (finding->fix) {
      json["fixes"] = Json::array({fix_json(file->fixes[*finding->fix], location)});
    }
    return json;
  }

  static Json physical(const Json& location, Region region) {
    return {
        {"physicalLocation", {{"artifactLocation", location}, {"region", region_json(region)}}}};
  }

  static Json related_json(const ReportedFinding& finding, const Json& location) {
    Json places = Json::array();
    for (const ReportedPlace& place : finding.related) {
      if (places.size() == kMaxRelated) break;
      Json json{{"id", places.size()}};
      json.update(physical(location, place.region));
      json["message"] = {{"text", sentence(place.message)}};
      places.push_back(std::move(json));
    }
    return places;
  }

  // The whole fix with each of its findings: whichever is taken, the file stays consistent.
  static Json fix_json(const ReportedFix& fix, const Json& location) {
    Json replacements = Json::array();
    for (const Replacement& replacement : fix.replacements) {
      replacements.push_back({{"deletedRegion", region_json(replacement.region)},
                              {"insertedContent", {{"text", valid_utf8(replacement.text)}}}});
    }
    Json change{{"artifactLocation", location}, {"replacements", std::move(replacements)}};
    return {{"description", {{"text", sentence(fix.title)}}},
            {"artifactChanges", Json::array({std::move(change)})},
            {"properties", {{"applicability", name_of(fix.safety)}}}};
  }

  const Report& report_;
  std::span<const Result> results_;
  std::map<std::string_view, const RuleInfo*> rules_;
  std::vector<const FileReport*> files_;
  std::unordered_map<const FileReport*, std::size_t> file_index_;
};

}  // namespace

std::string format_sarif(const Report& report) {
  std::vector<Result> results;
  for (const FileReport& file : report.files) {
    for (const ReportedFinding& finding : file.findings) results.push_back({&file, &finding});
  }
  Json runs = Json::array();
  std::span<const Result> left = results;
  do {
    const std::size_t count = std::min(left.size(), kMaxResults);
    runs.push_back(RunWriter(report, left.first(count)).run(runs.size()));
    left = left.subspan(count);
  } while (!left.empty());
  return Json{{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", std::move(runs)}}.dump(2) + '\n';
}

}  // namespace dagfix
