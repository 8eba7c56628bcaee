#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

using Ordered = nlohmann::ordered_json;

Ordered unseen_json(const std::vector<Unseen>& all) {
  Ordered unseen = Ordered::array();
  for (const Unseen& one : all) {
    unseen.push_back({{"entry", one.entry},
                      {"state", name_of(one.state)},
                      {"evidence", one.evidence},
                      {"help", access_hint(one)}});
  }
  return unseen;
}

Ordered dags_json(const DagPlan& plan) {
  Ordered files = Ordered::array();
  for (const DagFile& file : plan.files) {
    files.push_back({{"path", file.path},
                     {"dags", file.dags},
                     {"errors", file.errors},
                     {"warnings", file.warnings},
                     {"notes", file.notes},
                     {"fixable", file.fixable},
                     {"first", file.first}});
  }
  return {{"folder", plan.folder},
          {"from", plan.from},
          {"to", plan.to},
          {"checked", plan.checked},
          {"shipped", plan.shipped},
          {"findings", plan.findings()},
          {"files", std::move(files)},
          {"stale", plan.stale},
          {"without_file", plan.without_file},
          {"without_row", plan.without_row},
          {"unseen", unseen_json(plan.unseen)},
          {"commands", plan.commands}};
}

Ordered step_json(const StepResult& result) {
  Ordered traps = Ordered::array();
  for (const TrapResult& trap : result.traps) {
    traps.push_back({{"id", trap.trap->id},
                     {"severity", name_of(trap.trap->severity)},
                     {"is_there", trap.is_there},
                     {"problem", trap.trap->problem},
                     {"advice", trap.trap->advice}});
  }
  Ordered json = {{"id", result.step->id},
                  {"number", result.step->number},
                  {"title", result.step->title},
                  {"kind", name_of(result.step->kind)},
                  {"verdict", name_of(result.verdict)},
                  {"outcome", result.outcome},
                  {"say", result.say},
                  {"remedy", result.remedy},
                  {"commands", result.commands},
                  {"evidence", result.evidence},
                  {"unseen", unseen_json(result.unseen)},
                  {"traps", std::move(traps)},
                  {"waits_for", result.waits_for},
                  {"passed_gate", result.passed_gate},
                  {"is_later", result.is_later},
                  {"attestation", nullptr},
                  {"waiver", nullptr}};
  if (result.attestation) {
    json["attestation"] = {{"answer", result.attestation->answer},
                           {"who", result.attestation->who},
                           {"when", to_string(result.attestation->when)},
                           {"note", result.attestation->note}};
  }
  if (result.waiver) {
    json["waiver"] = {{"reason", result.waiver->reason}, {"expires", nullptr}};
    if (result.waiver->expires) json["waiver"]["expires"] = to_string(*result.waiver->expires);
  }
  return json;
}

}  // namespace

std::string format_doctor_json(const DoctorReport& report) {
  Ordered steps = Ordered::array();
  for (const StepResult& result : report.steps) steps.push_back(step_json(result));
  Ordered profile = Ordered::object();
  for (const auto& [name, value] : report.profile) {
    profile[name] = {{"value", value.text}, {"origin", value.origin}};
  }
  Ordered json = {{"format", "dagfix-doctor"},
                  {"version", 1},
                  {"tool", {{"name", kToolName}, {"version", tool_version()}}},
                  {"time", to_string(report.time)},
                  {"guide",
                   {{"name", report.guide->name},
                    {"title", report.guide->title},
                    {"evidence", report.guide_evidence}}},
                  {"phase",
                   {{"name", name_of(report.phase.phase)},
                    {"evidence", report.phase.evidence},
                    {"is_certain", report.phase.is_certain}}},
                  {"platform_version", nullptr},
                  {"bundle",
                   {{"tool", report.bundle.tool},
                    {"host", report.bundle.host},
                    {"taken_at", report.bundle.taken_at}}},
                  {"profile", std::move(profile)},
                  {"warnings", report.warnings},
                  {"steps", std::move(steps)},
                  {"dags", report.dags ? dags_json(*report.dags) : Ordered(nullptr)},
                  {"next", nullptr},
                  {"stop", nullptr},
                  {"exit_code", exit_code_of(report)}};
  if (report.version) {
    json["platform_version"] = {{"version", to_string(report.version->version)},
                                {"evidence", report.version->evidence}};
  }
  if (const std::string next = next_text(report); !next.empty()) {
    json["next"] = {{"step", nullptr}, {"say", next}, {"commands", next_commands(report)}};
    if (const StepResult* const step = report.next()) json["next"]["step"] = step->step->id;
  }
  if (const StepResult* const stop = report.stop()) json["stop"] = stop->step->id;
  return json.dump(2, ' ', false, Ordered::error_handler_t::replace) + '\n';
}

}  // namespace dagfix::runtime
