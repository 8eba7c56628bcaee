#include <fmt/format.h>

#include <iterator>

#include "report/paint.hpp"
#include "report/report.hpp"
#include "report/summary.hpp"
#include "report/unicode.hpp"

namespace dagfix {

std::string format_concise(const Report& report, TextStyle style) {
  const Paint paint(style.color);
  std::string out;
  for (const FileReport& file : report.files) {
    const std::string path = paint.bold(printable(file.path));
    for (const ReportedFinding& finding : file.findings) {
      fmt::format_to(std::back_inserter(out), "{}:{}:{}: {} {}\n", path, finding.region.begin.line,
                     finding.region.begin.column, paint.by(finding.severity, finding.rule->code),
                     printable(finding.message));
    }
  }
  if (style.statistics) out += format_statistics(report, style.color);
  return out;
}

}  // namespace dagfix
