#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.hpp"
#include "runtime/collect/secret.hpp"
#include "runtime/view/sql.hpp"

namespace dagfix::runtime {

struct SqlTarget {
  std::string host;
  std::string port;
  std::string database;
  std::string user;
  Secret password;  ///< Empty: what libpq finds itself, for example in ~/.pgpass.
  std::chrono::milliseconds timeout{10'000};  ///< Of connecting, and of each query.
};

struct SqlProblem {
  State state = State::unreachable;
  std::string code;      ///< SQLSTATE; empty if the server did not answer.
  std::string evidence;  ///< "42501: permission denied for table location".
};

/// Texts in the order of columns; nothing is NULL.
using SqlRow = std::vector<std::optional<std::string>>;

/// The only thing in dagfix that speaks SQL: a session that the server keeps read-only and ends a
/// query in that takes too long, and that takes nothing but one SELECT or SHOW at a time.
class SqlSession {
 public:
  static std::expected<SqlSession, SqlProblem> open(const SqlTarget& target);
  SqlSession(SqlSession&&) noexcept;
  ~SqlSession();

  std::expected<std::vector<SqlRow>, SqlProblem> query(const std::string& sql);

 private:
  struct Impl;
  explicit SqlSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Whether a text is one statement that begins with SELECT or SHOW.
bool is_reading_statement(std::string_view sql);

/// A query as one SELECT: a number, or rows of texts, sorted.
std::string sql_of(const Query& query);

/// All columns of its table that a query needs.
std::vector<std::string> needed_columns(const Query& query);

}  // namespace dagfix::runtime
