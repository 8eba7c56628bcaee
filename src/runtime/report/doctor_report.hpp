#pragma once

#include <string>

#include "runtime/judge.hpp"

namespace dagfix::runtime {

/// How a report may be written, in the order of the help.
inline constexpr std::string_view kDoctorFormats[] = {"text", "json", "junit", "sarif", "markdown"};

/// For people: a list of the steps, details of what is not done, the next command.
std::string format_doctor_text(const DoctorReport& report, bool color);

/// In one of the formats.
std::string format_doctor(const DoctorReport& report, std::string_view format, bool color);

}  // namespace dagfix::runtime
