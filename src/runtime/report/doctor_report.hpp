#pragma once

#include <string>

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

/// In one of the formats.
std::string format_doctor(const DoctorReport& report, std::string_view format, bool color);

}  // namespace dagfix::runtime
