#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "report/sarif_rules.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

using Ordered = nlohmann::ordered_json;

std::string_view level_of(const StepResult& result) {
  switch (result.verdict) {
    case Verdict::broken:
    case Verdict::danger:
      return "error";
    case Verdict::todo:
    case Verdict::partial:
      return result.passed_gate.empty() ? "warning" : "error";
    default:
      return "note";
  }
}

std::string text_of(const StepResult& result) {
  std::string text = fmt::format("{}: {}", title_of(result.verdict), result.say);
  if (result.verdict == Verdict::unknown) {
    for (const Unseen& unseen : result.unseen) {
      text += fmt::format("; {}: {}", unseen.entry, unseen.evidence);
    }
  }
  if (!result.remedy.empty()) text += "\n" + result.remedy;
  for (const std::string& command : result.commands) text += "\n$ " + command;
  return text;
}

Ordered result_json(const DoctorReport& report, const StepResult& result) {
  Ordered json = {
      {"ruleId", result.step->id},
      {"level", level_of(result)},
      {"message", {{"text", text_of(result)}}},
      {"locations",
       Ordered::array(
           {{{"logicalLocations",
              Ordered::array({{{"fullyQualifiedName",
                                fmt::format("{}/{}", report.guide->name, result.step->id)},
                               {"kind", "resource"}}})}}})},
      {"properties", {{"verdict", name_of(result.verdict)}}}};
  if (result.waiver) {
    json["suppressions"] = Ordered::array(
        {{{"kind", "external"}, {"status", "accepted"}, {"justification", result.waiver->reason}}});
  }
  return json;
}

/// With what GitHub's code scanning wants of a rule.
Ordered rule_json(std::string_view id, std::string_view title, std::string_view what,
                  std::string_view command) {
  return {{"id", id},
          {"shortDescription", {{"text", sarif_description(title)}}},
          {"fullDescription", {{"text", sarif_description(what.empty() ? title : what)}}},
          {"help", {{"text", fmt::format("More: {}", command)}}}};
}

Ordered dag_json(const DagPlan& plan, const DagFile& file) {
  const std::string text =
      fmt::format("{} errors, {} warnings, {} notes of dagfix --check --from {} --to {}; line {}",
                  file.errors, file.warnings, file.notes, plan.from, plan.to, file.first);
  return {{"ruleId", "own-dags"},
          {"level", file.errors > 0 ? "error" : "warning"},
          {"message", {{"text", text}}},
          {"locations",
           Ordered::array({{{"logicalLocations", Ordered::array({{{"fullyQualifiedName", file.path},
                                                                  {"kind", "resource"}}})}}})}};
}

}  // namespace

std::string format_doctor_sarif(const DoctorReport& report) {
  Ordered rules = Ordered::array();
  Ordered results = Ordered::array();
  for (const StepResult& result : report.steps) {
    if (!result.is_open() && !result.waiver) continue;
    rules.push_back(rule_json(result.step->id, result.step->title, result.step->what,
                              fmt::format("dagfix doctor --explain {}", result.step->id)));
    results.push_back(result_json(report, result));
  }
  if (report.dags && report.dags->is_open()) {
    rules.push_back(rule_json("own-dags", "The platform's own DAGs fit the new version", "",
                              fmt::format("dagfix --check --from {} --to {} {}", report.dags->from,
                                          report.dags->to, report.dags->folder)));
    for (const DagFile& file : report.dags->files) results.push_back(dag_json(*report.dags, file));
  }
  const Ordered driver = {{"name", kToolName},
                          {"informationUri", sarif_information_uri()},
                          {"semanticVersion", tool_version()},
                          {"rules", std::move(rules)}};
  const Ordered run = {
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", fmt::format("dagfix-doctor/{}/", report.guide->name)}}},
      {"results", std::move(results)}};
  const Ordered log = {{"$schema",
                        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                        "sarif-schema-2.1.0.json"},
                       {"version", "2.1.0"},
                       {"runs", Ordered::array({run})}};
  return log.dump(2, ' ', false, Ordered::error_handler_t::replace) + '\n';
}

}  // namespace dagfix::runtime
