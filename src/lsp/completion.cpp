#include "lsp/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dagfix::lsp {

namespace {

/// Where the list begins that the end of `before` is in; npos if it is in none.
std::size_t list_begin(std::string_view before) {
  const auto marker = before.rfind("dagfix:");
  if (marker == std::string_view::npos || before.rfind('#', marker) == std::string_view::npos) {
    return std::string_view::npos;
  }
  const std::string_view comment = before.substr(marker);
  const auto open = comment.find('[');
  if (open == std::string_view::npos || comment.find(']', open) != std::string_view::npos) {
    return std::string_view::npos;
  }
  std::string_view word = comment.substr(7, open - 7);
  word.remove_prefix(std::min(word.find_first_not_of(" \t"), word.size()));
  if (word != "ignore" && word != "ignore-file") return std::string_view::npos;
  return marker + open + 1;
}

bool is_word(char c) { return c != ',' && c != ' ' && c != '\t' && c != ']' && c != '['; }

}  // namespace

std::optional<Completion> complete_at(std::string_view text, ByteRange line, std::uint32_t offset,
                                      const RuleBook& book, std::span<const Finding> findings) {
  const std::string_view before = text.substr(line.begin, offset - line.begin);
  if (list_begin(before) == std::string_view::npos) return std::nullopt;
  Completion completion{{offset, offset}, {}};
  while (is_word(text[completion.replace.begin - 1])) --completion.replace.begin;
  while (completion.replace.end < line.end && is_word(text[completion.replace.end])) {
    ++completion.replace.end;
  }
  for (const Rule& rule : book.rules()) {
    const RuleInfo& info = rule.info;
    const bool is_here = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.rule == info.code && finding.range.begin <= line.end &&
             line.begin <= finding.range.end;
    });
    const char* const first = is_here ? "0" : "1";
    completion.items.push_back({info.name, fmt::format("{}: {}", info.code, info.summary), info.why,
                                fmt::format("{}{}", first, info.name)});
    completion.items.push_back({info.code, fmt::format("{}: {}", info.name, info.summary), info.why,
                                fmt::format("{}~{}", first, info.code)});
  }
  return completion;
}

}  // namespace dagfix::lsp
