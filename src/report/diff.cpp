#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "report/myers.hpp"
#include "report/paint.hpp"
#include "report/report.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

constexpr std::size_t kContext = 3;

using Lines = std::vector<std::string_view>;

// Lines with their ends. Only LF ends a line of a diff: a lone CR is a character like others.
Lines split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// As git writes a path in a diff: quoted like a C string if it holds bytes beyond printable ASCII.
std::string quote(std::string_view path) {
  std::string quoted;
  bool special = false;
  for (const char c : path) {
    constexpr std::string_view kNamed = "\a\b\t\n\v\f\r\"\\";
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t name = kNamed.find(c); name != std::string_view::npos) {
      quoted += {'\\', "abtnvfr\"\\"[name]};
      special = true;
    } else if (byte < 0x20 || byte >= 0x7f) {
      fmt::format_to(std::back_inserter(quoted), "\\{:03o}", byte);
      special = true;
    } else {
      quoted += c;
    }
  }
  if (special) return '"' + quoted + '"';
  // Without a tab behind it, patch ends a name at its first space.
  return quoted + (quoted.find(' ') == std::string::npos ? "" : "\t");
}

std::string patch_path(std::string_view path) {
  std::filesystem::path result;
  for (const auto& part : std::filesystem::path(path).lexically_normal().relative_path()) {
    if (part != "..") result /= part;
  }
  return result.string();
}

std::string line_range(std::size_t begin, std::size_t count) {
  // A side without lines names the line before it.
  const std::size_t first = count == 0 ? begin : begin + 1;
  return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

class HunkWriter {
 public:
  HunkWriter(const Lines& before, const Lines& after) : before_(before), after_(after) {}

  void add(std::span<const LineChange> changes) {
    const LineChange& first = changes.front();
    const LineChange& last = changes.back();
    const std::size_t lead = std::min(kContext, first.before_begin);
    const std::size_t trail = std::min(kContext, before_.size() - last.before_end);
    const std::size_t before_begin = first.before_begin - lead;
    const std::size_t after_begin = first.after_begin - lead;
    fmt::format_to(std::back_inserter(out_), "@@ -{} +{} @@\n",
                   line_range(before_begin, last.before_end + trail - before_begin),
                   line_range(after_begin, last.after_end + trail - after_begin));
    std::size_t done = before_begin;
    for (const LineChange& change : changes) {
      add_lines(' ', before_, done, change.before_begin);
      add_lines('-', before_, change.before_begin, change.before_end);
      add_lines('+', after_, change.after_begin, change.after_end);
      done = change.before_end;
    }
    add_lines(' ', before_, done, last.before_end + trail);
  }

  std::string take() { return std::move(out_); }

 private:
  void add_lines(char mark, const Lines& lines, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      out_ += mark;
      out_ += lines[i];
      if (!lines[i].ends_with('\n')) out_ += "\n\\ No newline at end of file\n";
    }
  }

  const Lines& before_;
  const Lines& after_;
  std::string out_;
};

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after) {
  const Lines before_lines = split_lines(before);
  const Lines after_lines = split_lines(after);
  const std::vector<LineChange> changes = diff_lines(before_lines, after_lines);
  if (changes.empty()) return {};
  HunkWriter hunks(before_lines, after_lines);
  for (std::span<const LineChange> left = changes; !left.empty();) {
    std::size_t count = 1;
    while (count < left.size() &&
           left[count].before_begin - left[count - 1].before_end <= 2 * kContext) {
      ++count;
    }
    hunks.add(left.first(count));
    left = left.subspan(count);
  }
  const std::string name = patch_path(path);
  return fmt::format("--- {}\n+++ {}\n{}", quote("a/" + name), quote("b/" + name), hunks.take());
}

std::string color_diff(std::string_view diff) {
  const Paint paint(true);
  const Lines lines = split_lines(diff);
  const auto starts = [&](std::size_t i, std::string_view start) {
    return i < lines.size() && lines[i].starts_with(start);
  };
  std::string out;
  std::size_t header = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // A removed "-- x" looks like a file's header, but no line of a hunk starts with "@@".
    if (starts(i, "--- ") && starts(i + 1, "+++ ") && starts(i + 2, "@@ ")) header = 2;
    const bool ended = lines[i].ends_with('\n');
    const std::string line =
        printable(lines[i].substr(0, lines[i].size() - (ended ? 1 : 0)), "\t\r");
    if (header > 0) {
      out += paint.bold(line);
      --header;
    } else if (line.starts_with("@@")) {
      out += paint.cyan(line);
    } else if (line.starts_with('-')) {
      out += paint.red(line);
    } else if (line.starts_with('+')) {
      out += paint.green(line);
    } else {
      out += line;
    }
    if (ended) out += '\n';
  }
  return out;
}

}  // namespace dagfix
