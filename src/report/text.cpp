#include <fmt/format.h>

#include <iterator>

#include "report/common.hpp"
#include "report/paint.hpp"
#include "report/report.hpp"
#include "report/snippet.hpp"
#include "report/summary.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

// A terminal's width is not known to a pure function; with line numbers this fits most.
constexpr std::size_t kSourceWidth = 100;

class TextReporter {
 public:
  explicit TextReporter(bool color) : paint_(color) {}

  void add(const FileReport& file, const ReportedFinding& finding) {
    const std::string path = printable(file.path);
    const auto [line, column] = finding.region.begin;
    write("{}:{}:{} {}[{}] {}\n", paint_.bold(path), line, column, paint_.bold(finding.rule->code),
          finding.rule->name, paint_.by(finding.severity, name_of(finding.severity)));
    write("  {}\n", printable(finding.message));
    const std::string margin(std::to_string(line).size(), ' ');
    add_source(finding, margin);
    if (!finding.remedy.empty()) add_note(margin, "help", printable(finding.remedy));
    for (const ReportedPlace& place : finding.related) {
      add_note(margin, "note",
               fmt::format("{}:{}:{}: {}", path, place.region.begin.line, place.region.begin.column,
                           printable(place.message)));
    }
    add_note(margin, "fix", fix_line(file, finding));
    out_ += '\n';
  }

  std::string take() { return std::move(out_); }

 private:
  template <typename... Args>
  void write(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void add_source(const ReportedFinding& finding, std::string_view margin) {
    const auto [begin, end] = finding.region;
    // A region that ends before the first character of a line does not reach that line.
    const std::uint32_t last_line = end.column == 1 ? end.line - 1 : end.line;
    const bool one_line = begin.line == end.line;
    const std::size_t first = begin.column - finding.line_begin;
    const std::size_t last = one_line ? end.column - finding.line_begin : std::string::npos;
    const Snippet snippet = make_snippet(finding.line, first, last, kSourceWidth);
    const std::string bar = paint_.dim("|");
    const std::string marks(snippet.width, '^');
    write(" {} {}\n", margin, bar);
    write(" {} {}{}{}\n", paint_.dim(std::to_string(begin.line)), bar,
          snippet.text.empty() ? "" : " ", snippet.text);
    write(" {} {} {:{}}{}", margin, bar, "", snippet.begin, paint_.by(finding.severity, marks));
    if (last_line > begin.line) write(" {}", paint_.dim(fmt::format("to line {}", last_line)));
    write("\n {} {}\n", margin, bar);
  }

  void add_note(std::string_view margin, std::string_view label, std::string_view text) {
    write(" {} {} {}: {}\n", margin, paint_.dim("="), paint_.bold(label), text);
  }

  std::string fix_line(const FileReport& file, const ReportedFinding& finding) const {
    const Safety safety = safety_of(file, finding);
    if (safety == Safety::manual) return paint_.dim("needs a person");
    const std::string title = printable(file.fixes[*finding.fix].title);
    return title + ' ' +
           (safety == Safety::safe ? paint_.green("[fixable with --apply]")
                                   : paint_.yellow("[unsafe fix: --unsafe-fixes]"));
  }

  Paint paint_;
  std::string out_;
};

}  // namespace

std::string format_text(const Report& report, TextStyle style) {
  TextReporter reporter(style.color);
  for (const FileReport& file : report.files) {
    for (const ReportedFinding& finding : file.findings) reporter.add(file, finding);
  }
  std::string out = reporter.take();
  if (style.statistics) out += format_statistics(report, style.color);
  if (!style.quiet) out += format_summary(report, style.color);
  return out;
}

}  // namespace dagfix
