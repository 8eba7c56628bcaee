#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "embedded.hpp"
#include "rules/json_reader.hpp"
#include "runtime/view/sql.hpp"

namespace dagfix::runtime {

namespace {

Query read_query(JsonReader& reader) {
  using Kind = Query::Kind;
  Query query;
  query.name = reader.string("name", true);
  query.database = reader.string("database", true);
  query.table = reader.string("table", true);
  query.kind = reader.one_of<Kind>("kind", {{"count", Kind::count},
                                            {"distinct", Kind::distinct},
                                            {"nulls", Kind::nulls},
                                            {"orphans", Kind::orphans},
                                            {"rows", Kind::rows}});
  query.columns = reader.strings("columns");
  query.references = reader.string("references", query.kind == Kind::orphans);
  const Json* const where = reader.any("where");
  if (!where) return query;
  for (const auto& [column, values] : where->items()) {
    auto& allowed = query.where[column];
    for (const Json& value : values) {
      allowed.push_back(value.is_null() ? std::nullopt : std::optional(value.get<std::string>()));
    }
  }
  return query;
}

}  // namespace

std::expected<std::vector<Query>, std::string> load_queries() {
  constexpr std::string_view kFile = "runtime/queries.json";
  const auto files = embedded_files();
  const auto file = std::ranges::find(files, kFile, &EmbeddedFile::path);
  std::vector<Query> queries;
  try {
    const Json document = Json::parse(file->text);
    JsonReader reader(document, "");
    reader.each("queries", [&](JsonReader& entry) { queries.push_back(read_query(entry)); });
    reader.finish();
  } catch (const std::exception& error) {
    return std::unexpected(fmt::format("{}: {}", kFile, error.what()));
  }
  return queries;
}

}  // namespace dagfix::runtime
