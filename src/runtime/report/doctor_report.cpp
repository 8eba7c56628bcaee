#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

std::string format_doctor(const DoctorReport& report, std::string_view, bool color) {
  return format_doctor_text(report, color);
}

}  // namespace dagfix::runtime
