#include "runtime/collect/sql.hpp"

namespace dagfix::runtime {

struct SqlSession::Impl {};

SqlSession::SqlSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession::~SqlSession() = default;

std::expected<SqlSession, SqlProblem> SqlSession::open(const SqlTarget&) {
  return std::unexpected(SqlProblem{State::unreachable, "", "not built in: libpq"});
}

std::expected<std::vector<SqlRow>, SqlProblem> SqlSession::query(const std::string&) {
  return std::unexpected(SqlProblem{State::unreachable, "", "not built in: libpq"});
}

}  // namespace dagfix::runtime
