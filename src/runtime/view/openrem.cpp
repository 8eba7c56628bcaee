#include "runtime/view/openrem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dagfix::runtime {

namespace {

constexpr std::string_view kSettings = "local_settings.py";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    lines.push_back(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
  }
  return lines;
}

/// "Tue 2026-02-03 10:00:00 UTC", as systemctl writes it, or RFC 3339. Other zones have no meaning
/// elsewhere: nothing.
std::optional<Time> unit_time(std::string_view text) {
  if (const auto space = text.find(' '); space == 3) text.remove_prefix(4);
  if (text.ends_with(" UTC"))
    return parse_time(fmt::format("{}Z", text.substr(0, text.size() - 4)));
  return text.ends_with('Z') ? parse_time(text) : std::nullopt;
}

/// The text of a Python string literal; nothing for anything else.
std::optional<std::string> literal(std::string_view value) {
  if (value.starts_with('u') || value.starts_with('r')) value.remove_prefix(1);
  if (value.size() < 2 || (value.front() != '\'' && value.front() != '"')) return std::nullopt;
  const auto end = value.find(value.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trimmed(value.substr(end + 1));
  if (!rest.empty() && rest.front() != '#') return std::nullopt;
  return std::string(value.substr(1, end - 1));
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

/// The quotes of a long text that begins in this line and does not end in it; empty if none does.
std::string_view open_quotes(std::string_view line) {
  for (const std::string_view quotes : {"\"\"\"", "'''"}) {
    const auto begin = line.find(quotes);
    if (begin != std::string_view::npos && !line.substr(begin + 3).contains(quotes)) return quotes;
  }
  return {};
}

}  // namespace

Answer<OpenRem::Unit> OpenRem::unit(std::string_view name) const {
  const auto text = bundle_.text("units.txt");
  if (!text.is_ok()) return text.map([](const std::string&) { return Unit(); });
  Unit unit;
  const auto is_it = [&] { return unit.name == name && unit.is_loaded; };
  for (const std::string_view line : lines_of(*text)) {
    const auto equals = line.find('=');
    if (trimmed(line).empty()) {
      if (is_it()) return unit;
      unit = {};
    }
    if (equals == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, equals);
    const std::string value(line.substr(equals + 1));
    if (key == "Id") unit.name = value;
    if (key == "LoadState") unit.is_loaded = value == "loaded";
    if (key == "ActiveState") unit.state = value;
    if (key == "ActiveEnterTimestamp") unit.started = unit_time(value);
    if (key == "WorkingDirectory") unit.folder = value;
  }
  return is_it() ? Answer<Unit>(unit) : Answer<Unit>::absent();
}

Truth OpenRem::has_process(std::initializer_list<std::string_view> words) const {
  return bundle_.text("processes.txt").test([&](const std::string& text) {
    return std::ranges::any_of(lines_of(text), [&](std::string_view line) {
      return std::ranges::all_of(words, [&](auto word) { return line.contains(word); });
    });
  });
}

Answer<std::uint64_t> OpenRem::workers() const {
  constexpr const char* kEntry = "processes.txt";
  const auto text = bundle_.text(kEntry);
  if (!text.is_ok()) return text.map([](const std::string&) { return std::uint64_t{0}; });
  for (const std::string_view line : lines_of(*text)) {
    if (!line.contains("celery") || !line.contains("openremproject")) continue;
    for (const std::string_view option : {" -c ", " --concurrency=", " --concurrency "}) {
      const auto at = line.find(option);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = line.substr(at + option.size());
      std::uint64_t count = 0;
      if (std::from_chars(rest.data(), rest.data() + rest.size(), count).ec == std::errc{}) {
        return count;
      }
    }
  }
  return Unseen{State::unreachable, kEntry, "no worker that tells its number (-c)"};
}

Answer<std::string> OpenRem::package_version() const {
  const auto text = bundle_.text("pip-freeze.txt");
  if (!text.is_ok()) return text;
  for (const std::string_view line : lines_of(*text)) {
    for (const std::string_view name : {"OpenREM==", "openrem=="}) {
      if (line.starts_with(name)) return std::string(trimmed(line.substr(name.size())));
    }
  }
  return Answer<std::string>::absent();
}

Answer<std::string> OpenRem::code_version() const {
  constexpr const char* kEntry = "version.py";
  const auto text = bundle_.text(kEntry);
  if (!text.is_ok()) return text;
  for (const std::string_view line : lines_of(*text)) {
    const auto equals = line.find('=');
    if (!line.starts_with("__version__") || equals == std::string_view::npos) continue;
    if (auto value = literal(trimmed(line.substr(equals + 1)))) return *std::move(value);
  }
  return Unseen{State::malformed, kEntry, "has no __version__"};
}

Answer<std::vector<OpenRem::Statement>> OpenRem::settings() const {
  return bundle_.text(kSettings).map([](const std::string& text) {
    std::vector<Statement> statements;
    std::string_view quotes;
    for (const std::string_view line : lines_of(text)) {
      if (!quotes.empty()) {
        if (line.contains(quotes)) quotes = {};
        continue;
      }
      quotes = open_quotes(line);
      if (line.starts_with("import ") || line.starts_with("from ")) {
        statements.push_back({"", std::string(trimmed(line))});
      }
      const auto equals = line.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view name = trimmed(line.substr(0, equals));
      // Indented lines belong to something else.
      if (is_name(name) && line.front() == name.front()) {
        statements.push_back({std::string(name), std::string(trimmed(line.substr(equals + 1)))});
      }
    }
    return statements;
  });
}

Answer<std::string> OpenRem::setting(std::string_view name) const {
  const auto all = settings();
  if (!all.is_ok()) return all.map([](const auto&) { return std::string(); });
  Answer<std::string> found = Answer<std::string>::absent();
  for (const Statement& statement : *all) {
    if (statement.name != name) continue;
    if (auto value = literal(statement.value)) {
      found = *std::move(value);
    } else {
      found = Unseen{State::malformed, std::string(kSettings),
                     fmt::format("{} is an expression, which is not evaluated", name)};
    }
  }
  return found;
}

}  // namespace dagfix::runtime
