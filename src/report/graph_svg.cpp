#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/graph_layout.hpp"
#include "report/graph_report.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

// The fonts are monospaced: only so it is known how wide a text becomes.
constexpr double kIdWidth = 7.85;     // of a character of 13 px
constexpr double kClassWidth = 6.65;  // of a character of 11 px
constexpr double kPadding = 14;
constexpr double kMargin = 28;
constexpr double kTitleHeight = 62;
constexpr std::size_t kLongestLine = 36;
constexpr std::size_t kMostGaps = 6;

// Plain colours: not every program that draws SVG knows CSS variables.
constexpr std::string_view kStyle = R"(  <style>
    .bg { fill: #ffffff; }
    text { font-family: "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace; fill: #1c2330; }
    .head { font-size: 18px; font-weight: bold; }
    .sub { font-size: 12px; fill: #56606c; }
    .id { font-size: 13px; font-weight: bold; }
    .unknown { font-style: italic; font-weight: normal; }
    .op { font-size: 11px; fill: #56606c; }
    .op.new { fill: #1659a8; }
    .op.you { fill: #9a430b; }
    .box { fill: #f6f7f9; stroke: #9aa3ad; stroke-width: 1.2; }
    .box.new { fill: #e8f1fd; stroke: #1f6fd0; stroke-width: 1.8; }
    .box.you { fill: #fdf0e4; stroke: #c2571a; stroke-width: 1.8; }
    .box.may { stroke-dasharray: 5 4; }
    .bar { fill: #c2571a; }
    .edge { fill: none; stroke: #8a949f; stroke-width: 1.5; }
    .edge.may { stroke-dasharray: 5 4; }
    .tip { fill: #8a949f; }
    .group { fill: none; stroke: #8a949f; stroke-dasharray: 2 4; }
    @media (prefers-color-scheme: dark) {
      .bg { fill: #14181f; }
      text { fill: #e8ecf1; }
      .sub, .op { fill: #a9b3bf; }
      .op.new { fill: #8cc0ff; }
      .op.you { fill: #f5b27c; }
      .box { fill: #1e242d; stroke: #6b7683; }
      .box.new { fill: #16304f; stroke: #6fb0ff; }
      .box.you { fill: #43290f; stroke: #f2a365; }
      .bar { fill: #f2a365; }
      .edge, .group { stroke: #7b8794; }
      .tip { fill: #7b8794; }
    }
  </style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// A long id in lines, broken behind '-', '_', '.' or a space.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (rest.size() > kLongestLine) {
    const auto at = rest.substr(0, kLongestLine).find_last_of("-_. ");
    if (at == std::string_view::npos || at < kLongestLine / 3) break;
    lines.emplace_back(rest.substr(0, at + 1));
    rest.remove_prefix(at + 1);
  }
  lines.emplace_back(rest);
  return lines;
}

/// One line of text in a box.
struct Line {
  std::string text;
  std::string style;
  double height;
  double char_width;
};

struct Card {
  std::vector<Line> lines;
  std::string style;  // of the box
  bool has_bar = false;
};

Card card_of(const GraphTask& task) {
  Card card;
  for (const std::string& line : lines_of(title_of(task))) {
    card.lines.push_back({line, task.id ? "id" : "id unknown", 17, kIdWidth});
  }
  const std::string name(class_name(task.class_path));
  if (!name.empty()) card.lines.push_back({name, "op", 15, kClassWidth});
  if (!task.becomes.empty()) {
    card.lines.push_back(
        {fmt::format("→ {}", class_name(task.becomes)), "op new", 15, kClassWidth});
  }
  if (task.is_rewritten) {
    const std::string codes = fmt::format("{}", fmt::join(task.rules, ", "));
    card.lines.push_back(
        {codes.empty() ? "rewritten" : "rewritten: " + codes, "op new", 15, kClassWidth});
    card.style = " new";
  }
  if (!task.left_to_you.empty()) {
    card.lines.push_back({fmt::format("needs a person: {}", fmt::join(task.left_to_you, ", ")),
                          "op you", 15, kClassWidth});
    card.has_bar = task.is_rewritten;
    if (!task.is_rewritten) card.style = " you";
  }
  if (task.many) {
    card.lines.push_back({"any number of them", "op", 15, kClassWidth});
  } else if (task.may) {
    card.lines.push_back({"may exist", "op", 15, kClassWidth});
  }
  if (task.may || task.many) card.style += " may";
  return card;
}

LayoutBox box_of(const Card& card) {
  LayoutBox box;
  for (const Line& line : card.lines) {
    box.width = std::max(box.width,
                         static_cast<double>(cell_width(lossy_utf8(line.text))) * line.char_width);
    box.height += line.height;
  }
  box.width = std::ceil(box.width + 2 * kPadding);
  box.height += 14;
  return box;
}

std::string tooltip(const GraphFile& file, const GraphTask& task) {
  std::string text = task.class_path;
  if (task.place.path.empty()) {
    text += fmt::format(", line {}", file.source->line_column(task.place.range.begin).line);
  }
  for (const GraphArgument& argument : task.arguments) {
    std::string value = argument.text.substr(0, 120);
    std::ranges::replace(value, '\n', ' ');
    text += argument.name.empty()
                ? "; " + value
                : fmt::format("; {}{}{}", argument.name, argument.name == "**" ? "" : "=", value);
  }
  return lossy_utf8(text);
}

std::string path_of(const std::vector<Point>& points) {
  std::string path = fmt::format("M{:.1f},{:.1f}", points[0].x, points[0].y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point& a = points[i - 1];
    const Point& b = points[i];
    if (i % 2 == 0) {
      path += fmt::format(" L{:.1f},{:.1f}", b.x, b.y);
      continue;
    }
    // The tip of the arrow has its place before the last point.
    const double end = i + 1 == points.size() ? b.x - 7 : b.x;
    const double bend = std::max(18.0, (end - a.x) * 0.5);
    path += fmt::format(" C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}", a.x + bend, a.y, end - bend,
                        b.y, end, b.y);
  }
  return path;
}

/// One DAG's picture, placed with its top at `top`.
class Picture {
 public:
  Picture(const GraphReport& report, const GraphFile& file, const GraphDag& dag)
      : report_(report), file_(file), dag_(dag) {
    for (const GraphTask& task : dag.tasks) {
      cards_.push_back(card_of(task));
      boxes_.push_back(box_of(cards_.back()));
    }
    for (const GraphEdge& edge : dag.edges) arrows_.push_back({edge.from, edge.to, {}});
    size_ = lay_out(boxes_, arrows_);
  }

  double width() const {
    return std::max(size_.x, static_cast<double>(head().size()) * 11) + 2 * kMargin;
  }

  double height() const {
    const std::size_t gaps = std::min(dag_.gaps.size(), kMostGaps + 1);
    return kTitleHeight + size_.y + kMargin + static_cast<double>(gaps) * 18;
  }

  void write(double top, std::string& out) const {
    auto to = std::back_inserter(out);
    fmt::format_to(to, "  <g transform=\"translate({:.0f},{:.0f})\">\n", kMargin, top);
    fmt::format_to(to, "    <text class=\"head\" x=\"0\" y=\"20\">{}</text>\n", escaped(head()));
    fmt::format_to(to, "    <text class=\"sub\" x=\"0\" y=\"40\">{}</text>\n", escaped(facts()));
    fmt::format_to(to, "    <g transform=\"translate(0,{:.0f})\">\n", kTitleHeight);
    write_groups(out);
    for (std::size_t i = 0; i < arrows_.size(); ++i) write_arrow(i, out);
    for (std::size_t i = 0; i < boxes_.size(); ++i) write_box(i, out);
    write_gaps(out);
    out += "    </g>\n  </g>\n";
  }

 private:
  std::string head() const { return title_of(dag_); }

  std::string facts() const {
    std::string place;
    if (dag_.place.path.empty()) {
      place = fmt::format(":{}", file_.source->line_column(dag_.place.range.begin).line);
    }
    const std::string_view name = std::string_view(file_.path).substr(file_.path.rfind('/') + 1);
    return fmt::format("{}{} · {} task{}, {} edge{} · Kaapana {} → {}", name, place,
                       dag_.tasks.size(), dag_.tasks.size() == 1 ? "" : "s", dag_.edges.size(),
                       dag_.edges.size() == 1 ? "" : "s", to_string(report_.from),
                       to_string(report_.to));
  }

  bool is_in(std::size_t task, std::size_t group) const {
    for (auto at = dag_.tasks[task].group; at; at = dag_.groups[*at].group) {
      if (*at == group) return true;
    }
    return false;
  }

  // A frame around a group, unless a box of another one would be in it.
  void write_groups(std::string& out) const {
    for (std::size_t group = 0; group < dag_.groups.size(); ++group) {
      double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
      for (std::size_t i = 0; i < boxes_.size(); ++i) {
        if (!is_in(i, group)) continue;
        left = std::min(left, boxes_[i].x - 8);
        top = std::min(top, boxes_[i].y - 8);
        right = std::max(right, boxes_[i].x + boxes_[i].width + 8);
        bottom = std::max(bottom, boxes_[i].y + boxes_[i].height + 8);
      }
      bool is_free = left < right;
      for (std::size_t i = 0; i < boxes_.size(); ++i) {
        const LayoutBox& box = boxes_[i];
        const bool meets =
            box.x < right && box.x + box.width > left && box.y < bottom && box.y + box.height > top;
        if (meets && !is_in(i, group)) is_free = false;
      }
      if (!is_free) continue;
      fmt::format_to(std::back_inserter(out),
                     "      <rect class=\"group\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" "
                     "height=\"{:.0f}\" rx=\"8\"><title>{}</title></rect>\n",
                     left, top, right - left, bottom - top,
                     escaped(dag_.groups[group].id.value_or("(unknown id)")));
    }
  }

  void write_arrow(std::size_t index, std::string& out) const {
    const std::vector<Point>& points = arrows_[index].points;
    if (points.empty()) return;
    const Point& end = points.back();
    auto to = std::back_inserter(out);
    fmt::format_to(to, "      <path class=\"edge{}\" d=\"{}\"/>\n",
                   dag_.edges[index].may ? " may" : "", path_of(points));
    fmt::format_to(to, "      <path class=\"tip\" d=\"M{0:.1f},{1:.1f} l-8,-4 v8 z\"/>\n", end.x,
                   end.y);
  }

  void write_box(std::size_t index, std::string& out) const {
    const LayoutBox& box = boxes_[index];
    const Card& card = cards_[index];
    auto to = std::back_inserter(out);
    fmt::format_to(to, "      <g>\n        <title>{}</title>\n",
                   escaped(tooltip(file_, dag_.tasks[index])));
    fmt::format_to(to,
                   "        <rect class=\"box{}\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" "
                   "height=\"{:.0f}\" rx=\"6\"/>\n",
                   card.style, box.x, box.y, box.width, box.height);
    if (card.has_bar) {
      fmt::format_to(to,
                     "        <rect class=\"bar\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"4\" "
                     "height=\"{:.0f}\" rx=\"2\"/>\n",
                     box.x + 4, box.y + 7, box.height - 14);
    }
    double y = box.y + 7;
    for (const Line& line : card.lines) {
      y += line.height;
      fmt::format_to(to, "        <text class=\"{}\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
                     line.style, box.x + kPadding, y - 4, escaped(line.text));
    }
    out += "      </g>\n";
  }

  void write_gaps(std::string& out) const {
    double y = size_.y + 24;
    for (std::size_t i = 0; i < dag_.gaps.size() && i <= kMostGaps; ++i) {
      const GraphGap& gap = dag_.gaps[i];
      std::string text = fmt::format("and {} more", dag_.gaps.size() - kMostGaps);
      if (i < kMostGaps) {
        text = gap.place.path.empty()
                   ? fmt::format("not known, line {}: {}",
                                 file_.source->line_column(gap.place.range.begin).line, gap.reason)
                   : fmt::format("not known: {}", gap.reason);
      }
      fmt::format_to(std::back_inserter(out),
                     "      <text class=\"sub\" x=\"0\" y=\"{:.0f}\">{}</text>\n", y,
                     escaped(text));
      y += 18;
    }
  }

  const GraphReport& report_;
  const GraphFile& file_;
  const GraphDag& dag_;
  std::vector<Card> cards_;
  std::vector<LayoutBox> boxes_;
  std::vector<LayoutArrow> arrows_;
  Point size_;
};

/// What the colours mean; only those that occur.
std::vector<std::pair<std::string_view, std::string_view>> legend_of(const GraphReport& report) {
  bool has_new = false, has_you = false, has_may = false, has_plain = false;
  for (const GraphFile& file : report.files) {
    for (const GraphDag& dag : file.graph.dags) {
      for (const GraphTask& task : dag.tasks) {
        has_new = has_new || task.is_rewritten;
        has_you = has_you || !task.left_to_you.empty();
        has_may = has_may || task.may || task.many;
        has_plain = has_plain || (!task.is_rewritten && task.left_to_you.empty());
      }
    }
  }
  std::vector<std::pair<std::string_view, std::string_view>> entries;
  if (has_new) entries.emplace_back(" new", "rewritten by dagfix");
  if (has_you) entries.emplace_back(" you", "needs a person");
  if (has_plain) entries.emplace_back("", "unchanged");
  if (has_may) entries.emplace_back(" may", "may exist");
  return entries;
}

double legend_width(const GraphReport& report) {
  double width = 2 * kMargin;
  for (const auto& entry : legend_of(report)) {
    width += 34 + static_cast<double>(entry.second.size()) * 7.3 + 24;
  }
  return width;
}

void write_legend(const GraphReport& report, double y, std::string& out) {
  double x = kMargin;
  for (const auto& [style, name] : legend_of(report)) {
    fmt::format_to(std::back_inserter(out),
                   "  <rect class=\"box{}\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"26\" height=\"14\" "
                   "rx=\"4\"/>\n  <text class=\"sub\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
                   style, x, y - 11, x + 34, y, name);
    x += 34 + static_cast<double>(name.size()) * 7.3 + 24;
  }
}

}  // namespace

std::string format_graph_svg(const GraphReport& report) {
  std::vector<Picture> pictures;
  double width = legend_width(report);
  double height = kMargin;
  for (const GraphFile& file : report.files) {
    for (const GraphDag& dag : file.graph.dags) {
      pictures.emplace_back(report, file, dag);
      width = std::max(width, pictures.back().width());
      height += pictures.back().height() + kMargin;
    }
  }
  const double legend = height + 4;
  height = legend + kMargin - 4;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">\n  <title>Tasks and edges of {2} "
      "DAG{3}</title>\n",
      width, height, pictures.size(), pictures.size() == 1 ? "" : "s");
  out += kStyle;
  fmt::format_to(std::back_inserter(out),
                 "  <rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n");
  double top = kMargin;
  for (const Picture& picture : pictures) {
    picture.write(top, out);
    top += picture.height() + kMargin;
  }
  write_legend(report, legend, out);
  return out + "</svg>\n";
}

}  // namespace dagfix
