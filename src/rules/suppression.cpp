#include "rules/suppression.hpp"

#include <algorithm>
#include <optional>

namespace dagfix {

namespace {

constexpr std::string_view kMarker = "dagfix:";

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view part = trim(list.substr(0, comma));
    if (!part.empty()) parts.emplace_back(part);
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return parts;
}

/// Reads what follows "dagfix:"; false if it is no suppression.
bool read(std::string_view text, Suppression& suppression) {
  text = trim(text);
  if (!text.starts_with("ignore")) return false;
  text.remove_prefix(6);
  if (text.starts_with("-file")) {
    suppression.whole_file = true;
    text.remove_prefix(5);
  }
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return false;
    suppression.rules = split_list(text.substr(1, close - 1));
  } else if (!text.empty() && text[0] != ' ' && text[0] != '\t') {
    return false;
  }
  suppression.used.assign(std::max<std::size_t>(1, suppression.rules.size()), false);
  return true;
}

/// The suppression in a comment, if there is one.
std::optional<Suppression> read_comment(const SourceFile& file, ByteRange comment) {
  const std::string_view text = file.slice(comment);
  const auto at = text.find(kMarker);
  if (at == std::string_view::npos) return std::nullopt;
  Suppression suppression;
  const auto begin = comment.begin + static_cast<std::uint32_t>(at);
  suppression.range = {begin, comment.end};
  suppression.line = file.line_column(begin).line;
  if (!read(text.substr(at + kMarker.size()), suppression)) return std::nullopt;
  return suppression;
}

}  // namespace

std::vector<Suppression> find_suppressions(const SourceFile& file, const SyntaxTree& tree) {
  std::vector<Suppression> result;
  if (!tree.text().contains(kMarker)) return result;
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (!node.is(Kind::comment)) continue;
    if (auto suppression = read_comment(file, node.range())) {
      result.push_back(*std::move(suppression));
    }
  }
  return result;
}

std::vector<Suppression> find_suppressions(const SourceFile& file,
                                           std::span<const ByteRange> comments) {
  std::vector<Suppression> result;
  for (const ByteRange comment : comments) {
    auto suppression = read_comment(file, comment);
    if (!suppression) continue;
    const ByteRange line = file.line(suppression->line);
    const std::string_view before = file.slice({line.begin, std::max(line.begin, comment.begin)});
    if (trim(before).empty()) ++suppression->line;
    result.push_back(*std::move(suppression));
  }
  return result;
}

bool suppress(std::vector<Suppression>& suppressions, const RuleInfo& rule, LineColumn begin,
              LineColumn end) {
  bool any = false;
  for (Suppression& suppression : suppressions) {
    const bool here =
        suppression.whole_file || suppression.line == begin.line || suppression.line == end.line;
    if (!here) continue;
    if (suppression.rules.empty()) {
      suppression.used[0] = any = true;
      continue;
    }
    for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
      if (suppression.rules[i] != rule.code && suppression.rules[i] != rule.name) continue;
      suppression.used[i] = any = true;
    }
  }
  return any;
}

}  // namespace dagfix
