#include "runtime/view/sql.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/profile.hpp"

namespace dagfix::runtime {

namespace {

std::optional<std::string> value_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

DatabaseState::Result read_result(const std::string& entry, const Json& json) {
  DatabaseState::Result result;
  if (const auto state = json.find("state"); state != json.end()) {
    const auto known = state_named(state->get<std::string>());
    if (known && *known != State::ok && *known != State::absent) {
      result.unseen = Unseen{*known, entry, json.value("evidence", "")};
      return result;
    }
  }
  if (!json.contains("count") && !json.contains("rows")) {
    result.unseen = Unseen{State::malformed, entry, "a query has neither count nor rows"};
    return result;
  }
  if (const auto count = json.find("count"); count != json.end()) {
    result.count = count->get<std::uint64_t>();
  }
  if (const auto rows = json.find("rows"); rows != json.end()) {
    for (const Json& row : *rows) {
      DatabaseState::Row values;
      for (const Json& value : row) values.push_back(value_of(value));
      result.rows.push_back(std::move(values));
    }
  }
  return result;
}

DatabaseState read_state(const std::string& entry, const Json& json) {
  DatabaseState state;
  state.server_version = json.value("server_version", "");
  if (const auto tables = json.find("tables"); tables != json.end()) {
    for (const auto& [table, columns] : tables->items()) {
      state.tables[table] = columns.get<std::set<std::string>>();
    }
  }
  if (const auto indexes = json.find("indexes"); indexes != json.end()) {
    for (const Json& index : *indexes) state.indexes.insert(index.get<std::string>());
  }
  if (const auto queries = json.find("queries"); queries != json.end()) {
    for (const auto& [name, result] : queries->items()) {
      state.results.emplace(name, read_result(entry, result));
    }
  }
  return state;
}

Answer<DatabaseState> read_live(const Bundle& bundle, const std::string& entry) {
  const auto json = bundle.json(entry);
  if (!json.is_ok()) return json.map([](const Json&) { return DatabaseState(); });
  if (!json->is_object() || !json->contains("tables")) {
    return Unseen{State::malformed, entry, "has no tables"};
  }
  try {
    return read_state(entry, *json);
  } catch (const Json::exception& error) {
    return Unseen{State::malformed, entry, error.what()};
  }
}

}  // namespace

bool DatabaseState::has_columns(const Query& query) const {
  const auto table = tables.find(query.table);
  if (table == tables.end()) return false;
  return std::ranges::all_of(
      query.columns, [&](const std::string& column) { return table->second.contains(column); });
}

Sql::Sql(const Bundle& bundle) {
  auto queries = load_queries();
  // The file is embedded, and a test reads it.
  assert(queries);
  if (queries) queries_ = *std::move(queries);
  for (const std::string_view name : database_names()) {
    Sources& sources = databases_[std::string(name)];
    const std::string live = fmt::format("sql/{}.json", name);
    sources.push_back(read_live(bundle, live));
    const std::string dump = fmt::format("pg/{}.sql", name);
    if (!bundle.find(dump)) continue;
    std::vector<Query> own;
    std::ranges::copy_if(queries_, std::back_inserter(own),
                         [&](const Query& query) { return query.database == name; });
    sources.push_back(read_dump(bundle, dump, own));
  }
}

const Sql::Sources& Sql::at(std::string_view database) const {
  const auto found = databases_.find(database);
  assert(found != databases_.end());
  return found->second;
}

Answer<const DatabaseState*> Sql::first(std::string_view database) const {
  const Sources& sources = at(database);
  for (const auto& source : sources) {
    if (source.is_ok()) return &*source;
  }
  if (sources.front().is_absent()) return Answer<const DatabaseState*>::absent();
  return sources.back().is_unseen() ? sources.back().unseen() : sources.front().unseen();
}

Answer<const DatabaseState::Result*> Sql::ask(std::string_view database,
                                              std::string_view query) const {
  using Result = const DatabaseState::Result*;
  const auto known = std::ranges::find_if(queries_, [&](const Query& candidate) {
    return candidate.database == database && candidate.name == query;
  });
  assert(known != queries_.end());
  std::optional<Unseen> unseen;
  bool has_no_column = false;
  for (const auto& source : at(database)) {
    if (!source.is_ok()) continue;
    const auto found = source->results.find(query);
    if (found == source->results.end()) {
      if (!source->has_columns(*known)) has_no_column = true;
    } else if (!found->second.unseen) {
      return &found->second;
    } else if (!unseen) {
      unseen = found->second.unseen;
    }
  }
  if (unseen) return *unseen;
  if (has_no_column) return Answer<Result>::absent();
  const auto any = first(database);
  if (!any.is_ok()) return any.map([](const DatabaseState*) -> Result { return nullptr; });
  return Unseen{State::unreachable, fmt::format("sql/{}.json", database),
                fmt::format("the query {} was not asked", query)};
}

Answer<std::uint64_t> Sql::count(std::string_view database, std::string_view query) const {
  return ask(database, query).map([](const DatabaseState::Result* result) {
    return result->count;
  });
}

Answer<std::vector<Sql::Row>> Sql::rows(std::string_view database, std::string_view query) const {
  return ask(database, query).map([](const DatabaseState::Result* result) { return result->rows; });
}

Truth Sql::has(std::string_view database, std::string_view table, std::string_view column) const {
  return first(database).test([&](const DatabaseState* state) {
    const auto found = state->tables.find(table);
    if (found == state->tables.end()) return false;
    return column.empty() || found->second.contains(std::string(column));
  });
}

Truth Sql::has_index(std::string_view database, std::string_view index) const {
  return first(database).test(
      [&](const DatabaseState* state) { return state->indexes.contains(index); });
}

Answer<std::string> Sql::server_version(std::string_view database) const {
  return first(database).map([](const DatabaseState* state) { return state->server_version; });
}

}  // namespace dagfix::runtime
