#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/judge.hpp"

namespace dagfix::runtime {

/// How a report may be written, in the order of the help.
inline constexpr std::string_view kDoctorFormats[] = {"text", "json", "junit", "sarif", "markdown"};

/// For people: a list of the steps, details of what is not done, the next command.
std::string format_doctor_text(const DoctorReport& report, bool color);
/// For programs: docs/schema/doctor.schema.json.
std::string format_doctor_json(const DoctorReport& report);
/// A test case for each step; what is open failed, what could not be seen is skipped.
std::string format_doctor_junit(const DoctorReport& report);
/// SARIF 2.1.0: a result for each open step.
std::string format_doctor_sarif(const DoctorReport& report);
/// The protocol of an upgrade, to be filed.
std::string format_doctor_markdown(const DoctorReport& report);

/// The part of a report on the platform's own DAGs: one line on all, then details, one line each.
std::string dag_headline(const DagPlan& plan);
std::vector<std::string> dag_lines(const DagPlan& plan);

/// "3 done", "1 to do", with their verdicts, in the order of these; without those that no step has.
std::vector<std::pair<Verdict, std::string>> verdict_counts(const DoctorReport& report);

/// What is wrong at a stop sign, and what to do first.
std::string stop_text(const StepResult& stop);

/// What to do next, in words; empty if nothing is.
std::string next_text(const DoctorReport& report);
/// The commands for it.
std::vector<std::string> next_commands(const DoctorReport& report);

/// In one of the formats.
std::string format_doctor(const DoctorReport& report, std::string_view format, bool color);

}  // namespace dagfix::runtime
