#include "rules/api/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "embedded.hpp"
#include "rules/load.hpp"

namespace dagfix {

namespace {

/// Cuts the first column off a line.
std::string_view take_column(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  const std::string_view column = line.substr(0, tab);
  line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  return column;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

ApiMember read_member(std::string_view line, const ApiBlock& block) {
  line.remove_prefix(1);
  ApiMember member{take_column(line), take_column(line), block.first, block.last};
  if (!line.empty()) {
    member.first = parse_version(take_column(line)).value_or(Version{});
    member.last = parse_version(line).value_or(Version{});
  }
  return member;
}

}  // namespace

std::vector<ApiMember> ApiBlock::members() const {
  std::vector<ApiMember> result;
  for (std::string_view rest = lines; !rest.empty();) {
    result.push_back(read_member(take_line(rest), *this));
  }
  return result;
}

std::vector<ApiMember> ApiBlock::passing_members() const {
  std::vector<ApiMember> result;
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = take_line(rest);
    const std::size_t text_begin = line.rfind('\t') + 1;
    // Only those have columns with versions.
    if (text_begin < line.size() && line[text_begin] >= '0' && line[text_begin] <= '9') {
      result.push_back(read_member(line, *this));
    }
  }
  return result;
}

bool ApiBlock::has(std::string_view name, Version version) const {
  for (auto at = lines.find(name); at != std::string_view::npos; at = lines.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (lines[at - 1] != '\t' || end == lines.size() || lines[end] == '.') continue;
    if (std::string_view("=(\t\n").find(lines[end]) == std::string_view::npos) continue;
    std::string_view rest = lines.substr(lines.rfind('\n', at) + 1);
    const ApiMember member = read_member(take_line(rest), *this);
    if (member.name() == name && member.is_in(version)) return true;
  }
  return false;
}

std::vector<ApiMember> ApiBlock::members(Version version) const {
  std::vector<ApiMember> result = members();
  std::erase_if(result, [&](const ApiMember& member) { return !member.is_in(version); });
  return result;
}

std::expected<ApiHistory, std::string> ApiHistory::read(std::string_view text) {
  ApiHistory history;
  std::string_view rest = text;
  std::string_view head = take_line(rest);
  if (take_column(head) != "versions") return std::unexpected("line 1: no versions");
  while (!head.empty()) {
    const auto version = parse_version(take_column(head));
    if (!version) return std::unexpected("line 1: no version");
    history.versions_.push_back(*version);
  }
  while (!rest.empty()) {
    const std::size_t begin = text.size() - rest.size();
    std::string_view line = take_line(rest);
    const std::string_view kind = take_column(line);
    const std::string_view path = take_column(line);
    const auto first = parse_version(take_column(line));
    const auto last = parse_version(line);
    if ((kind != "module" && kind != "class") || !first || !last) {
      const auto number = 1 + std::ranges::count(text.substr(0, begin), '\n');
      return std::unexpected(fmt::format("line {}: no module and no class", number));
    }
    // Members are the lines that begin with a tab.
    std::size_t end = 0;
    while (end < rest.size() && rest[end] == '\t') {
      const std::size_t line_end = rest.find('\n', end);
      end = line_end == std::string_view::npos ? rest.size() : line_end + 1;
    }
    history.blocks_.push_back({kind, path, *first, *last, rest.substr(0, end)});
    rest.remove_prefix(end);
  }
  if (!std::ranges::is_sorted(history.blocks_, {}, &ApiBlock::path)) {
    return std::unexpected("the blocks are not sorted");
  }
  return history;
}

const ApiHistory& ApiHistory::embedded() {
  static const ApiHistory history = [] {
    const auto files = embedded_files();
    const auto file = std::ranges::find(files, "api/history.tsv", &EmbeddedFile::path);
    auto read = file == files.end() ? ApiHistory() : ApiHistory::read(file->text);
    assert(read && !read->blocks().empty());
    return *std::move(read);
  }();
  return history;
}

const ApiBlock* ApiHistory::find(std::string_view kind, std::string_view path,
                                 Version version) const {
  for (const ApiBlock& block : std::ranges::equal_range(blocks_, path, {}, &ApiBlock::path)) {
    if (block.kind == kind && block.is_in(version)) return &block;
  }
  return nullptr;
}

bool ApiHistory::has(std::string_view path, Version version) const {
  if (find("module", path, version) || find("class", path, version)) return true;
  const std::string package = fmt::format("{}.", path);
  for (auto block = std::ranges::lower_bound(blocks_, package, {}, &ApiBlock::path);
       block != blocks_.end() && block->path.starts_with(package); ++block) {
    if (block->kind == "module" && block->is_in(version)) return true;
  }
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  const ApiBlock* module = find("module", path.substr(0, dot), version);
  if (!module) return false;
  return module->has(path.substr(dot + 1), version) || module->lines.contains("\tstar\t");
}

}  // namespace dagfix
