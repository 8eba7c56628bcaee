#include "runtime/view/dumps.hpp"

#include <algorithm>

namespace dagfix::runtime {

namespace {

constexpr std::string_view kDumps = "pg/dumps.json";

DumpFile read_dump_file(const Json& json) {
  DumpFile dump;
  dump.path = json.at("path").get<std::string>();
  dump.kind = json.value("kind", "other");
  dump.head = json.value("head", "");
  dump.is_complete = json.value("complete", false);
  dump.has_crlf = json.value("crlf", false);
  dump.server_version = json.value("server_version", "");
  dump.size = json.value("size", std::uint64_t{0});
  // Named, as the loops only refer to them.
  const Json tables = json.value("tables", Json::object());
  const Json columns = json.value("columns", Json::object());
  for (const auto& [table, rows] : tables.items()) {
    dump.tables[table] = rows.get<std::uint64_t>();
  }
  for (const auto& [table, names] : columns.items()) {
    dump.columns[table] = names.get<std::set<std::string, std::less<>>>();
  }
  return dump;
}

}  // namespace

bool DumpFile::has_column(std::string_view table, std::string_view column) const {
  const auto found = columns.find(table);
  return found != columns.end() && found->second.contains(column);
}

Answer<std::uint64_t> DumpFile::rows(std::string_view table) const {
  const auto found = tables.find(table);
  if (found == tables.end()) return Answer<std::uint64_t>::absent();
  return found->second;
}

Dumps::Dumps(const Bundle& bundle) {
  const auto json = bundle.json(kDumps);
  state_ = json.map([](const Json&) { return true; });
  if (!json.is_ok()) return;
  try {
    for (const Json& entry : *json) {
      const auto state = state_named(entry.value("state", "ok"));
      const std::string path = entry.at("path").get<std::string>();
      if (state == State::ok) {
        dumps_.push_back(read_dump_file(entry));
      } else if (state != State::absent) {
        unseen_[path] = {state.value_or(State::malformed), path, entry.value("evidence", "")};
      }
    }
  } catch (const Json::exception& error) {
    state_ = Unseen{State::malformed, std::string(kDumps), error.what()};
  }
}

Answer<DumpFile> Dumps::find(std::string_view name) const {
  if (!state_.is_ok()) return state_.map([](bool) { return DumpFile(); });
  const auto found = std::ranges::find(dumps_, name, &DumpFile::name);
  if (found != dumps_.end()) return *found;
  // It may be what could not be read, or lie in a folder that could not.
  for (const auto& [path, unseen] : unseen_) {
    const std::string_view file = std::string_view(path).substr(path.rfind('/') + 1);
    const bool is_dump = file.contains('.') && !path.ends_with('/');
    if (!is_dump || file == name) return unseen;
  }
  return Answer<DumpFile>::absent();
}

Answer<DumpFile> Dumps::at(std::string_view path) const {
  if (!state_.is_ok()) return state_.map([](bool) { return DumpFile(); });
  const auto found = std::ranges::find(dumps_, path, &DumpFile::path);
  if (found != dumps_.end()) return *found;
  for (const auto& [place, unseen] : unseen_) {
    if (path == place || path.starts_with(place + "/")) return unseen;
  }
  return Answer<DumpFile>::absent();
}

Answer<std::vector<DumpFile>> Dumps::list() const {
  if (!state_.is_ok()) return state_.map([](bool) { return std::vector<DumpFile>(); });
  if (dumps_.empty() && !unseen_.empty()) return unseen_.begin()->second;
  return dumps_;
}

}  // namespace dagfix::runtime
