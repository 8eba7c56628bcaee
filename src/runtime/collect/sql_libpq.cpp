#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <cstdlib>

#include "runtime/collect/sql.hpp"

namespace dagfix::runtime {

namespace {

using Clock = std::chrono::steady_clock;
using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

State state_of(std::string_view code) {
  // 42501 insufficient privilege, class 28 invalid authorization.
  if (code == "42501" || code.starts_with("28")) return State::denied;
  // 57014 cancelled by the time-out, 55P03 waited for a lock, classes 08, 53 and 57: no connection,
  // no resources.
  if (code == "55P03" || code.empty() || code.starts_with("57") || code.starts_with("08") ||
      code.starts_with("53")) {
    return State::unreachable;
  }
  return State::malformed;
}

SqlProblem problem_of(const PGresult* result, const PGconn* connection) {
  SqlProblem problem;
  const char* const code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const char* const text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  problem.code = code ? code : "";
  problem.state = state_of(problem.code);
  problem.evidence = text ? fmt::format("{}: {}", problem.code, first_line(text))
                          : first_line(PQerrorMessage(connection));
  return problem;
}

/// libpq tells the SQLSTATE of a refused login only in words.
State state_of_refusal(std::string_view message) {
  const bool is_refused =
      message.contains("authentication failed") || message.contains("no pg_hba.conf entry") ||
      message.contains("no password") || message.contains("permission denied") ||
      (message.contains("role \"") && message.contains("does not exist"));
  return is_refused ? State::denied : State::unreachable;
}

/// Waits until the connection can be read from or written to. False: not in time.
bool wait_for(PGconn* connection, short events, Clock::time_point end) {
  pollfd descriptor{PQsocket(connection), events, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    const int ready = ::poll(&descriptor, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// What PGSSLMODE says, as long as it verifies. Kaapana's databases have no TLS.
std::expected<const char*, SqlProblem> tls_mode() {
  const char* const given = std::getenv("PGSSLMODE");
  if (!given || !*given) return "disable";
  const std::string_view mode = given;
  if (mode == "disable" || mode == "verify-ca" || mode == "verify-full") return given;
  return std::unexpected(SqlProblem{
      State::unreachable, "",
      fmt::format("PGSSLMODE is {}, which verifies nothing: set verify-full or disable", mode)});
}

}  // namespace

struct SqlSession::Impl {
  Connection connection{nullptr, &PQfinish};
  std::chrono::milliseconds timeout{};

  std::expected<void, SqlProblem> connect() {
    const auto end = Clock::now() + timeout;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
      if (status == PGRES_POLLING_FAILED) {
        const std::string text = first_line(PQerrorMessage(connection.get()));
        return std::unexpected(SqlProblem{state_of_refusal(text), "", text});
      }
      const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      if (!wait_for(connection.get(), events, end)) {
        return std::unexpected(SqlProblem{State::unreachable, "",
                                          fmt::format("no answer within {} ms", timeout.count())});
      }
      status = PQconnectPoll(connection.get());
    }
    return {};
  }

  /// The last result of what was sent.
  std::expected<Result, SqlProblem> receive() {
    // The server has its own, shorter limit; this one is for a server that is not there any more.
    const auto end = Clock::now() + 2 * timeout;
    Result last(nullptr, &PQclear);
    while (true) {
      while (PQisBusy(connection.get())) {
        if (!wait_for(connection.get(), POLLIN, end)) {
          return std::unexpected(SqlProblem{State::unreachable, "", "no answer in time"});
        }
        if (!PQconsumeInput(connection.get())) {
          return std::unexpected(problem_of(nullptr, connection.get()));
        }
      }
      PGresult* const next = PQgetResult(connection.get());
      if (!next) return last;
      last.reset(next);
    }
  }
};

SqlSession::SqlSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession::~SqlSession() = default;

std::expected<SqlSession, SqlProblem> SqlSession::open(const SqlTarget& target) {
  const auto mode = tls_mode();
  if (!mode) return std::unexpected(mode.error());
  const std::string options = fmt::format(
      "-c default_transaction_read_only=on -c DateStyle=ISO -c TimeZone=UTC "
      "-c statement_timeout={0} -c lock_timeout={0} "
      "-c idle_in_transaction_session_timeout={0}",
      target.timeout.count());
  std::vector<const char*> names = {"host",    "port",    "dbname",     "user",
                                    "options", "sslmode", "gssencmode", "application_name"};
  std::vector<const char*> values = {target.host.c_str(),
                                     target.port.c_str(),
                                     target.database.c_str(),
                                     target.user.c_str(),
                                     options.c_str(),
                                     *mode,
                                     "disable",
                                     "dagfix"};
  if (!target.password.empty()) {
    names.push_back("password");
    values.push_back(target.password.reveal());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  auto impl = std::make_unique<Impl>();
  impl->timeout = target.timeout;
  impl->connection.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!impl->connection) return std::unexpected(SqlProblem{State::unreachable, "", "no memory"});
  if (auto connected = impl->connect(); !connected) return std::unexpected(connected.error());
  PQsetnonblocking(impl->connection.get(), 1);
  // A notice would be printed to standard error.
  PQsetNoticeProcessor(impl->connection.get(), [](void*, const char*) {}, nullptr);
  return SqlSession(std::move(impl));
}

std::expected<std::vector<SqlRow>, SqlProblem> SqlSession::query(const std::string& sql) {
  if (!is_reading_statement(sql)) {
    return std::unexpected(SqlProblem{State::malformed, "", "refused: is not one SELECT or SHOW"});
  }
  PGconn* const connection = impl_->connection.get();
  // The extended protocol takes one statement only.
  if (!PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0)) {
    return std::unexpected(problem_of(nullptr, connection));
  }
  while (PQflush(connection) == 1) {
    if (!wait_for(connection, POLLOUT, Clock::now() + impl_->timeout)) break;
  }
  auto result = impl_->receive();
  if (!result) return std::unexpected(result.error());
  const ExecStatusType status = PQresultStatus(result->get());
  if (status != PGRES_TUPLES_OK) return std::unexpected(problem_of(result->get(), connection));
  if (PQresultMemorySize(result->get()) > kMostBytes) {
    return std::unexpected(SqlProblem{State::malformed, "", "the answer is larger than 64 MiB"});
  }
  std::vector<SqlRow> rows(static_cast<std::size_t>(PQntuples(result->get())));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (int c = 0; c < PQnfields(result->get()); ++c) {
      const int row = static_cast<int>(r);
      if (PQgetisnull(result->get(), row, c)) {
        rows[r].emplace_back();
      } else {
        rows[r].emplace_back(PQgetvalue(result->get(), row, c));
      }
    }
  }
  return rows;
}

}  // namespace dagfix::runtime
