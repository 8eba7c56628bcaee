#include "runtime/collect/dump.hpp"

#include <algorithm>

#include "runtime/file.hpp"
#include "runtime/mask.hpp"

namespace dagfix::runtime {

namespace {

// Of a line only its beginning is looked at; rows can have images.
constexpr std::size_t kMostLine = std::size_t{64} << 10;
constexpr std::size_t kMostHead = 200;
constexpr std::size_t kMostTables = 10'000;

constexpr std::string_view kVersion = "-- Dumped from database version ";
constexpr std::string_view kEnd = "-- PostgreSQL database dump complete";
constexpr std::string_view kCluster = "-- PostgreSQL database cluster dump";
constexpr std::string_view kClusterEnd = "-- PostgreSQL database cluster dump complete";

std::string_view without_space(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The name that begins `text`: "public.dataset (id" -> dataset; quotes are taken off.
std::string name_in(std::string_view text) {
  std::string name;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && c == '.') {
      name.clear();
    } else if (!is_quoted && (c == ' ' || c == '(' || c == ',' || c == ';')) {
      break;
    } else {
      name += c;
    }
  }
  return name;
}

/// Lines of CREATE TABLE that are no column.
bool is_constraint(std::string_view line) {
  constexpr std::string_view kWords[] = {"CONSTRAINT ", "PRIMARY KEY", "FOREIGN KEY", "CHECK ",
                                         "UNIQUE "};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return line.starts_with(word); });
}

}  // namespace

void DumpReader::add(std::string_view part) {
  if (summary_.size == 0 && part.starts_with("PGDMP")) summary_.kind = "custom";
  summary_.size += part.size();
  if (summary_.kind == "custom") return;
  while (!part.empty()) {
    const auto end = part.find('\n');
    const std::string_view piece = part.substr(0, end);
    if (!is_skipping_) rest_ += piece.substr(0, kMostLine - std::min(kMostLine, rest_.size()));
    is_skipping_ = rest_.size() >= kMostLine;
    if (end == std::string_view::npos) return;
    // A line that was cut has lost its end, also a CR there.
    take_line(rest_);
    rest_.clear();
    is_skipping_ = false;
    part.remove_prefix(end + 1);
  }
}

void DumpReader::take_line(std::string_view line) {
  ++lines_;
  if (line.ends_with('\r')) {
    summary_.crlf = true;
    line.remove_suffix(1);
  }
  if (!copied_.empty()) {
    if (line == "\\.") {
      copied_.clear();
    } else {
      ++summary_.tables[copied_];
    }
    return;
  }
  if (!created_.empty()) {
    if (line.starts_with(')')) {
      created_.clear();
      return;
    }
    line = without_space(line);
    if (!line.empty() && !is_constraint(line)) summary_.columns[created_].push_back(name_in(line));
    return;
  }
  take_statement(line);
}

void DumpReader::take_statement(std::string_view line) {
  if (summary_.head.empty() && !line.empty() && line != "--") {
    summary_.head = mask_text(line.substr(0, kMostHead));
  }
  if (line.starts_with("-- PostgreSQL database")) summary_.kind = "plain";
  if (line.starts_with(kVersion)) {
    const std::string_view version = line.substr(kVersion.size());
    summary_.server_version = version.substr(0, version.find(' '));
  }
  // In a cluster dump each database ends with the mark of a single one.
  if (line == (summary_.head == kCluster ? kClusterEnd : kEnd)) summary_.complete = true;
  const bool has_room = summary_.tables.size() < kMostTables;
  if (has_room && line.starts_with("COPY ") && line.ends_with(" FROM stdin;")) {
    copied_ = name_in(line.substr(5));
    summary_.tables[copied_];
  }
  if (has_room && line.starts_with("CREATE TABLE ") && line.ends_with('(')) {
    created_ = name_in(line.substr(13));
    summary_.columns[created_].clear();
  }
}

DumpSummary DumpReader::finish() {
  if (!rest_.empty()) take_line(rest_);
  if (summary_.size == 0) summary_.kind = "empty";
  return std::move(summary_);
}

DumpAnswer read_dump(const std::string& path, const std::function<void()>& beat) {
  DumpReader reader;
  const auto read = read_parts(path, [&](std::string_view part) {
    reader.add(part);
    beat();
    return true;
  });
  DumpAnswer answer;
  if (!read) {
    answer.state = State::unreachable;
    if (read.error().contains("Permission denied")) answer.state = State::denied;
    if (read.error().contains("No such file")) answer.state = State::absent;
    answer.evidence = read.error();
    return answer;
  }
  answer.summary = reader.finish();
  return answer;
}

}  // namespace dagfix::runtime
