#include "lsp/fixes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fix/edits.hpp"
#include "report/myers.hpp"
#include "rules/suppression.hpp"
#include "text/encoding.hpp"

namespace dagfix::lsp {

namespace {

/// Lines with their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find_first_of("\r\n");
    end = end == std::string_view::npos ? text.size() : end + (text[end] == '\r' ? 1 : 0);
    if (end < text.size() && text[end] == '\n') ++end;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::uint32_t offset_of(std::string_view text, std::span<const std::string_view> lines,
                        std::size_t line) {
  return static_cast<std::uint32_t>(line < lines.size() ? lines[line].data() - text.data()
                                                        : text.size());
}

Safety least_safe(const FixResult& result, const FileAnalysis& before) {
  Safety safety = Safety::safe;
  for (const Finding& finding : result.applied) {
    for (const Finding& known : before.findings) {
      const bool is_same = known.rule == finding.rule && known.range == finding.range && known.fix;
      if (is_same) safety = std::max(safety, before.fixes[*known.fix].safety);
    }
  }
  return safety;
}

ByteRange line_around(const SourceFile& file, std::uint32_t offset) {
  return file.line(file.line_column(offset).line);
}

/// Adds a rule to the list of `ignore[...]`; nothing if the comment has no list.
std::optional<Edit> add_to_list(const SourceFile& file, const Suppression& comment,
                                std::string_view rule) {
  if (comment.rules.empty()) return std::nullopt;
  const auto close = file.slice(comment.range).find(']');
  const auto at = comment.range.begin + static_cast<std::uint32_t>(close);
  return Edit{{at, at}, fmt::format(", {}", rule)};
}

/// Whether a comment can stand at the end of a line.
bool takes_comment(const SourceFile& file, const SyntaxTree& tree, ByteRange line) {
  if (file.slice(line).ends_with('\\')) return false;
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (node.begin() > line.end) break;
    if (node.is(Kind::string) && node.begin() < line.end && line.end < node.end()) return false;
  }
  return true;
}

bool has_comment(const SyntaxTree& tree, ByteRange line) {
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::comment) && line.begin <= node.begin() && node.begin() < line.end) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Edit> edits_between(std::string_view before, std::string_view after) {
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  std::vector<Edit> edits;
  for (const LineChange& change : diff_lines(old_lines, new_lines)) {
    const std::uint32_t begin = offset_of(after, new_lines, change.after_begin);
    const std::uint32_t end = offset_of(after, new_lines, change.after_end);
    edits.push_back({{offset_of(before, old_lines, change.before_begin),
                      offset_of(before, old_lines, change.before_end)},
                     std::string(after.substr(begin, end - begin))});
  }
  return edits;
}

std::string complaint_of(std::string_view path, std::span<const std::string> bugs) {
  if (bugs.empty()) return {};
  return fmt::format("bug of dagfix: {}: {}; the file stays as it is, please report this", path,
                     fmt::join(bugs, "; "));
}

Change fix_file(const SourceFile& file, const RuleSet& rules, const Project& project, Safety most) {
  const FixResult result = fix(file, rules, project, most);
  if (!result.bugs.empty()) return {{}, 0, most, {}, complaint_of(file.path(), result.bugs)};
  const Safety safety =
      most == Safety::safe ? most : least_safe(result, analyze(file, rules, project));
  Change change{edits_between(file.text(), result.text), result.applied.size(), safety};
  for (const Finding& finding : result.applied) change.rules.insert(finding.rule);
  return change;
}

std::optional<Edit> ignore_on_line(const SourceFile& file, const SyntaxTree& tree,
                                   ByteRange finding, std::string_view rule) {
  const auto suppressions = find_suppressions(file, tree);
  for (const std::uint32_t place : {finding.begin, finding.end}) {
    const std::uint32_t number = file.line_column(place).line;
    for (const Suppression& comment : suppressions) {
      if (comment.whole_file || comment.line != number) continue;
      if (auto edit = add_to_list(file, comment, rule)) return edit;
    }
  }
  for (const std::uint32_t place : {finding.begin, finding.end}) {
    const ByteRange line = line_around(file, place);
    if (!takes_comment(file, tree, line)) continue;
    const std::string_view gap = has_comment(tree, line) ? " " : "  ";
    return Edit{{line.end, line.end}, fmt::format("{}# dagfix: ignore[{}]", gap, rule)};
  }
  return std::nullopt;
}

Edit ignore_in_file(const SourceFile& file, const SyntaxTree& tree, std::string_view rule) {
  for (const Suppression& comment : find_suppressions(file, tree)) {
    if (!comment.whole_file) continue;
    if (auto edit = add_to_list(file, comment, rule)) return *std::move(edit);
  }
  // Behind the lines that have to be the first: "#!" and the encoding.
  std::uint32_t number = 1;
  const std::string_view text = file.text();
  if (const auto coding = find_coding_line(text)) {
    number = static_cast<std::uint32_t>(coding->line) + 1;
  } else if (file.slice(file.line(1)).starts_with("#!")) {
    number = 2;
  }
  const std::string comment = fmt::format("# dagfix: ignore-file[{}]", rule);
  const std::string_view line_break = line_break_at(text, file.line(std::max(number, 2u) - 1).end);
  if (number > file.line_count()) {
    const auto end = static_cast<std::uint32_t>(text.size());
    return {{end, end}, fmt::format("{}{}", line_break, comment)};
  }
  const std::uint32_t at = file.line(number).begin;
  return {{at, at}, fmt::format("{}{}", comment, line_break)};
}

}  // namespace dagfix::lsp
