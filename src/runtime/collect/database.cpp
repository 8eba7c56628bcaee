#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/collect/services.hpp"
#include "runtime/collect/sql.hpp"

namespace dagfix::runtime {

namespace {

using Tables = std::map<std::string, std::vector<std::string>>;

// The catalogue shows everybody everything, information_schema only what one may use: there a
// missing privilege would look like a missing table.
constexpr const char* kColumns =
    "SELECT c.relname, a.attname FROM pg_catalog.pg_attribute a "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%' "
    "ORDER BY c.relname, a.attnum";
constexpr const char* kIndexes =
    "SELECT indexname FROM pg_catalog.pg_indexes "
    "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY indexname";

/// Name and user of a database in Kaapana's charts.
struct ChartDatabase {
  std::string_view key;
  const char* database;
  const char* user;
};
constexpr ChartDatabase kCharts[] = {
    {"pacsdb", "pacsdb", "pacs"},
    {"keycloak", "keycloak", "keycloak"},
    {"airflow", "airflow", "root"},
    {"backend", "kaapanauser", "kaapanauser"},
    {"aii", "kaapanauser", "kaapanauser"},
    {"dwf", "kaapanauser", "kaapanauser"},
    {"notification", "kaapanauser", "kaapanauser"},
    {"openrem", "openremdb", "openremuser"},
};

bool has_columns(const Tables& tables, const std::string& table,
                 const std::vector<std::string>& columns) {
  const auto found = tables.find(table);
  return found != tables.end() && std::ranges::all_of(columns, [&](const std::string& column) {
           return std::ranges::find(found->second, column) != found->second.end();
         });
}

bool can_be_asked(const Query& query, const Tables& tables) {
  if (!has_columns(tables, query.table, needed_columns(query))) return false;
  if (query.references.empty()) return true;
  const auto dot = query.references.find('.');
  return has_columns(tables, query.references.substr(0, dot), {query.references.substr(dot + 1)});
}

Json answer_of(const Query& query, const std::expected<std::vector<SqlRow>, SqlProblem>& rows) {
  if (!rows) {
    return {{"state", name_of(rows.error().state)}, {"evidence", rows.error().evidence}};
  }
  if (query.kind != Query::Kind::rows) {
    const bool is_one = rows->size() == 1 && rows->front().size() == 1 && rows->front().front();
    return {{"count", is_one ? std::stoull(*rows->front().front()) : 0}};
  }
  Json list = Json::array();
  for (const SqlRow& row : *rows) {
    Json values = Json::array();
    for (const auto& value : row) values.push_back(value ? Json(*value) : Json());
    list.push_back(std::move(values));
  }
  return {{"rows", std::move(list)}};
}

std::string first_word(std::string_view text) {
  return std::string(text.substr(0, text.find(' ')));
}

class DatabaseProbe {
 public:
  DatabaseProbe(std::string name, const ProbeContext& context, Findings& findings)
      : name_(std::move(name)),
        entry_(fmt::format("sql/{}.json", name_)),
        profile_(context.profile),
        findings_(findings) {
    target_.timeout = context.timeout;
  }

  void ask() {
    findings_.asking(entry_);
    if (get("host").empty()) {
      return fail(State::unreachable,
                  fmt::format("not asked: sql.{}.host is not set, and the cluster does not tell it",
                              name_));
    }
    if (const auto problem = set_target(); !problem.empty()) {
      return fail(State::unreachable, problem);
    }
    auto session = SqlSession::open(target_);
    if (!session) return fail(session.error().state, session.error().evidence);
    const auto version = session->query("SHOW server_version");
    const auto columns = session->query(kColumns);
    const auto indexes = session->query(kIndexes);
    for (const auto* const rows : {&version, &columns, &indexes}) {
      if (!*rows) return fail(rows->error().state, rows->error().evidence);
    }
    Json result = {{"server_version", first_word(version->at(0).at(0).value_or(""))},
                   {"tables", Json::object()},
                   {"indexes", Json::array()},
                   {"queries", Json::object()}};
    Tables tables;
    for (const SqlRow& row : *columns)
      tables[row.at(0).value_or("")].push_back(row.at(1).value_or(""));
    for (const auto& [table, names] : tables) result["tables"][table] = names;
    for (const SqlRow& row : *indexes) result["indexes"].push_back(row.at(0).value_or(""));
    ask_queries(*session, tables, result["queries"]);
    findings_.put(entry_, result.dump(-1, ' ', false, Json::error_handler_t::replace), where());
  }

 private:
  std::string get(const char* key) const {
    return profile_.get(fmt::format("sql.{}.{}", name_, key));
  }

  std::string set_target() {
    const auto chart = std::ranges::find(kCharts, name_, &ChartDatabase::key);
    target_.host = get("host");
    target_.port = get("port").empty() ? "5432" : get("port");
    target_.database = get("database").empty() ? chart->database : get("database");
    target_.user = get("user").empty() ? chart->user : get("user");
    auto password = read_secret(profile_, fmt::format("sql.{}.password", name_));
    if (!password) return password.error();
    target_.password = *password;
    return {};
  }

  void ask_queries(SqlSession& session, const Tables& tables, Json& answers) {
    const auto queries = load_queries();
    if (!queries) throw std::runtime_error(queries.error());
    for (const Query& query : *queries) {
      if (query.database != name_ || !can_be_asked(query, tables)) continue;
      findings_.asking({});
      answers[query.name] = answer_of(query, session.query(sql_of(query)));
    }
  }

  std::string where() const {
    return fmt::format("PostgreSQL {}:{}/{} as {}", target_.host, target_.port, target_.database,
                       target_.user);
  }

  void fail(State state, const std::string& evidence) {
    const bool is_known = !target_.host.empty();
    findings_.fail(entry_, state, is_known ? fmt::format("{}: {}", where(), evidence) : evidence);
  }

  std::string name_;
  std::string entry_;
  const Profile& profile_;
  Findings& findings_;
  SqlTarget target_;
};

}  // namespace

Probe database_probe(std::string_view database) {
  const std::string name(database);
  return {"database " + name,
          {fmt::format("sql/{}.json", name)},
          [name](const ProbeContext& context, Findings& findings) {
            DatabaseProbe(name, context, findings).ask();
          }};
}

}  // namespace dagfix::runtime
