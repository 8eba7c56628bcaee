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
constexpr std::size_t kWidth = 100;

// Text, and behind it what is coloured.
struct Note {
  std::string text;
  std::string tag;
};

class TextReporter {
 public:
  explicit TextReporter(bool color) : paint_(color) {}

  void add(const FileReport& file, const ReportedFinding& finding) {
    const std::string path = printable(file.path);
    const auto [line, column] = finding.region.begin;
    write("{}:{}:{} {}[{}] {}\n", paint_.bold(path), line, column, paint_.bold(finding.rule->code),
          finding.rule->name, paint_.by(finding.severity, name_of(finding.severity)));
    const std::string message = printable(finding.message);
    for (const std::string& part : wrap(message, kWidth - 2)) write("  {}\n", part);
    const std::string margin(std::to_string(line).size(), ' ');
    add_source(finding, margin);
    for (const ReportedPlace& place : finding.related) {
      const std::string text = printable(place.message);
      add_note(margin, "note", {fmt::format("line {}: {}", place.region.begin.line, text), {}});
    }
    add_remedy(file, finding, margin);
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
    const Snippet snippet = make_snippet(finding.line, first, last, kWidth);
    const std::string bar = paint_.dim("|");
    const std::string marks(snippet.width, '^');
    write(" {} {}\n", margin, bar);
    write(" {} {}{}{}\n", paint_.dim(std::to_string(begin.line)), bar,
          snippet.text.empty() ? "" : " ", snippet.text);
    write(" {} {} {:{}}{}", margin, bar, "", snippet.begin, paint_.by(finding.severity, marks));
    if (last_line > begin.line) write(" {}", paint_.dim(fmt::format("to line {}", last_line)));
    write("\n {} {}\n", margin, bar);
  }

  // The remedy often begins with what the fix is called: then it is said once.
  void add_remedy(const FileReport& file, const ReportedFinding& finding, std::string_view margin) {
    const Safety safety = safety_of(file, finding);
    const std::string remedy = printable(finding.remedy);
    if (safety == Safety::manual) {
      add_note(margin, "help", {remedy, "[needs a person]"});
      return;
    }
    const std::string title = printable(file.fixes[*finding.fix].title);
    const char* const tag =
        safety == Safety::safe ? "[fixable with --apply]" : "[unsafe fix: --unsafe-fixes]";
    if (remedy.starts_with(title)) {
      add_note(margin, "help", {remedy, tag});
      return;
    }
    if (!remedy.empty()) add_note(margin, "help", {remedy, {}});
    add_note(margin, "fix", {title, tag});
  }

  void add_note(std::string_view margin, std::string_view label, const Note& note) {
    const std::string indent(margin.size() + label.size() + 6, ' ');
    const std::size_t width = kWidth - indent.size();
    std::vector<std::string> lines = wrap(note.text, width);
    if (!note.tag.empty()) {
      const bool fits = cell_width(lines.back()) + 1 + note.tag.size() <= width;
      if (!fits) lines.emplace_back();
      lines.back() += (lines.back().empty() ? "" : " ") + painted(note.tag);
    }
    write(" {} {} {}: {}\n", margin, paint_.dim("="), paint_.bold(label), lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i) write("{}{}\n", indent, lines[i]);
  }

  std::string painted(std::string_view tag) const {
    if (tag.starts_with("[fixable")) return paint_.green(tag);
    return tag.starts_with("[unsafe") ? paint_.yellow(tag) : paint_.cyan(tag);
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
