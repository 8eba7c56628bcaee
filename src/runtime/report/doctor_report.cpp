#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

std::string format_doctor(const DoctorReport& report, std::string_view format, bool color) {
  if (format == "json") return format_doctor_json(report);
  if (format == "junit") return format_doctor_junit(report);
  if (format == "sarif") return format_doctor_sarif(report);
  if (format == "markdown") return format_doctor_markdown(report);
  return format_doctor_text(report, color);
}

}  // namespace dagfix::runtime
