#include <fmt/format.h>

#include <iterator>

#include "report/common.hpp"
#include "report/report.hpp"
#include "report/xml.hpp"

namespace dagfix {
namespace {

class JunitWriter {
 public:
  void add(const Report& report, const FileReport& file) {
    const std::string path = xml(shown_path(report, file.path));
    const std::size_t count = file.findings.size();
    begin_suite(path, count, count, 0);
    for (const ReportedFinding& finding : file.findings) add_case(path, finding);
    write("  </testsuite>\n");
  }

  void add(const Report& report, const Failure& failure) {
    const std::string path = xml(shown_path(report, failure.path));
    begin_suite(path, 1, 0, 1);
    write("    <testcase name=\"dagfix\" classname=\"{}\">\n", path);
    write("      <error message=\"{}\" type=\"failure\"/>\n", xml(sentence(failure.message)));
    write("    </testcase>\n  </testsuite>\n");
  }

  // Consumers take a file without a test case for a test run that did not happen.
  void add_clean() {
    begin_suite("dagfix", 1, 0, 0);
    write("    <testcase name=\"no findings\" classname=\"dagfix\"/>\n  </testsuite>\n");
  }

  std::string finish() const {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"dagfix\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}"
        "</testsuites>\n",
        tests_, failures_, errors_, body_);
  }

 private:
  template <typename... Args>
  void write(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(body_), format, std::forward<Args>(args)...);
  }

  void begin_suite(std::string_view name, std::size_t tests, std::size_t failures,
                   std::size_t errors) {
    tests_ += tests;
    failures_ += failures;
    errors_ += errors;
    write("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n", name, tests,
          failures, errors);
  }

  void add_case(std::string_view path, const ReportedFinding& finding) {
    const auto [line, column] = finding.region.begin;
    write("    <testcase name=\"{} {} ({}:{})\" classname=\"{}\" file=\"{}\" line=\"{}\">\n",
          xml(finding.rule->code), xml(finding.rule->name), line, column, path, path, line);
    write("      <failure message=\"{}\" type=\"{}\">{}:{}:{}: {}</failure>\n",
          xml(sentence(finding.message)), name_of(finding.severity), path, line, column,
          xml(advice(finding)));
    write("    </testcase>\n");
  }

  std::string body_;
  std::size_t tests_ = 0;
  std::size_t failures_ = 0;
  std::size_t errors_ = 0;
};

}  // namespace

std::string format_junit(const Report& report) {
  JunitWriter writer;
  for (const FileReport& file : report.files) writer.add(report, file);
  for (const Failure& failure : report.failures) writer.add(report, failure);
  if (report.files.empty() && report.failures.empty()) writer.add_clean();
  return writer.finish();
}

}  // namespace dagfix
