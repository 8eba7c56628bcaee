#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/collect/sql.hpp"

namespace dagfix::runtime {

namespace {

// As many as are read from a dump.
constexpr int kMostRows = 100'000;

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) result.append(c == quote ? 2 : 1, c);
  return result + quote;
}

std::string name(std::string_view text) { return in_quotes(text, '"'); }

/// The column has one of the values; nothing stands for NULL.
std::string condition(const std::string& column,
                      const std::vector<std::optional<std::string>>& values) {
  std::vector<std::string> texts;
  bool has_null = false;
  for (const auto& value : values) {
    if (value) texts.push_back(in_quotes(*value, '\''));
    has_null = has_null || !value;
  }
  std::vector<std::string> parts;
  if (!texts.empty()) {
    parts.push_back(fmt::format("t.{}::text IN ({})", name(column), fmt::join(texts, ", ")));
  }
  if (has_null) parts.push_back(fmt::format("t.{} IS NULL", name(column)));
  return parts.empty() ? "false" : fmt::format("({})", fmt::join(parts, " OR "));
}

/// What is selected.
std::string selection(const Query& query) {
  if (query.kind == Query::Kind::distinct) {
    return fmt::format("count(DISTINCT t.{})", name(query.columns.front()));
  }
  if (query.kind != Query::Kind::rows) return "count(*)";
  std::vector<std::string> columns;
  for (const std::string& column : query.columns) {
    columns.push_back(fmt::format("t.{}::text", name(column)));
  }
  return fmt::format("{}", fmt::join(columns, ", "));
}

}  // namespace

std::vector<std::string> needed_columns(const Query& query) {
  std::vector<std::string> names = query.columns;
  for (const auto& [column, _] : query.where) names.push_back(column);
  return names;
}

std::string sql_of(const Query& query) {
  std::vector<std::string> conditions;
  for (const auto& [column, values] : query.where) conditions.push_back(condition(column, values));
  if (query.kind == Query::Kind::nulls) {
    conditions.push_back(condition(query.columns.front(), {std::nullopt}));
  }
  if (query.kind == Query::Kind::orphans) {
    const std::string column = fmt::format("t.{}", name(query.columns.front()));
    const auto dot = query.references.find('.');
    conditions.push_back(fmt::format(
        "{0} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {1} AS r WHERE r.{2} = {0})", column,
        name(query.references.substr(0, dot)), name(query.references.substr(dot + 1))));
  }
  std::string sql = fmt::format("SELECT {} FROM {} AS t", selection(query), name(query.table));
  if (!conditions.empty()) sql += fmt::format(" WHERE {}", fmt::join(conditions, " AND "));
  if (query.kind != Query::Kind::rows) return sql;
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i <= query.columns.size(); ++i) order.push_back(i);
  return sql + fmt::format(" ORDER BY {} LIMIT {}", fmt::join(order, ", "), kMostRows);
}

bool is_reading_statement(std::string_view sql) {
  const auto begin = sql.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || sql.contains(';')) return false;
  sql.remove_prefix(begin);
  const auto begins_with = [&](std::string_view word) {
    const bool fits = std::ranges::equal(sql.substr(0, word.size()), word, {},
                                         [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return fits && sql.size() > word.size() &&
           (sql[word.size()] == ' ' || sql[word.size()] == '\n');
  };
  return begins_with("select") || begins_with("show");
}

}  // namespace dagfix::runtime
