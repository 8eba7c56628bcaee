#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// A question to a database: rules/runtime/queries.json. There is no free SQL, so that the
/// collector can only read, and a dump answers the same.
struct Query {
  enum class Kind : std::uint8_t { count, distinct, nulls, orphans, rows };
  std::string name;
  std::string database;  ///< One of database_names().
  std::string table;
  Kind kind = Kind::count;
  std::vector<std::string> columns;
  std::string references;  ///< For orphans: "table.column".
  /// Column -> the values of which it must have one; nothing stands for NULL.
  std::map<std::string, std::vector<std::optional<std::string>>> where;
};

/// All queries. Error: file and place.
std::expected<std::vector<Query>, std::string> load_queries();

/// What one source, a live server or a dump, tells of a database.
struct DatabaseState {
  using Row = std::vector<std::optional<std::string>>;
  struct Result {
    std::uint64_t count = 0;
    std::vector<Row> rows;
    std::optional<Unseen> unseen;
  };
  std::string server_version;
  std::map<std::string, std::set<std::string>, std::less<>> tables;  ///< With their columns.
  std::set<std::string, std::less<>> indexes;
  std::map<std::string, Result, std::less<>> results;  ///< By query.

  bool has_columns(const Query& query) const;
};

/// Reads a plain dump as a stream. `queries` are those of its database. Malformed: it is no plain
/// dump, or not whole.
Answer<DatabaseState> read_dump(const Bundle& bundle, std::string_view entry,
                                std::span<const Query> queries);

/// Kaapana's databases as a bundle has them: live answers, and dumps where there are none.
class Sql {
 public:
  using Row = DatabaseState::Row;

  explicit Sql(const Bundle& bundle);

  /// A count, distinct, nulls or orphans query. Absent: no such table or column.
  Answer<std::uint64_t> count(std::string_view database, std::string_view query) const;
  /// A rows query.
  Answer<std::vector<Row>> rows(std::string_view database, std::string_view query) const;
  /// Whether a table has a column; of an empty one, whether there is the table.
  Truth has(std::string_view database, std::string_view table, std::string_view column = {}) const;
  Truth has_index(std::string_view database, std::string_view index) const;
  /// Version of the server: "17.2".
  Answer<std::string> server_version(std::string_view database) const;

 private:
  using Sources = std::vector<Answer<DatabaseState>>;  // the live one, the dump

  const Sources& at(std::string_view database) const;
  Answer<const DatabaseState::Result*> ask(std::string_view database, std::string_view query) const;
  Answer<const DatabaseState*> first(std::string_view database) const;

  std::vector<Query> queries_;
  std::map<std::string, Sources, std::less<>> databases_;
};

}  // namespace dagfix::runtime
