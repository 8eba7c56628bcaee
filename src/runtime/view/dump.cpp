#include <fmt/format.h>

#include <algorithm>

#include "runtime/view/sql.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::size_t kMostRows = 100'000;

/// "public.\"Name\"" -> "Name".
std::string bare_name(std::string_view name) {
  if (const auto dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
  if (name.starts_with('"') && name.ends_with('"') && name.size() > 1) {
    name = name.substr(1, name.size() - 2);
  }
  return std::string(name);
}

std::string_view first_word(std::string_view text) {
  text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_first_of(" \t,("));
}

/// Behind one of the prefixes; nothing if it begins with none.
std::optional<std::string_view> behind(std::string_view line,
                                       std::initializer_list<std::string_view> prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
  return std::nullopt;
}

/// One value as COPY writes it; nothing for NULL.
std::optional<std::string> copy_value(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  std::string value;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      value += field[i];
      continue;
    }
    const char c = field[++i];
    value += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
  }
  return value;
}

/// A query while the rows of its table pass.
struct Running {
  const Query* query = nullptr;
  std::vector<std::size_t> columns;
  std::vector<std::pair<std::size_t, const std::vector<std::optional<std::string>>*>> where;
  DatabaseState::Result result;
  std::set<std::string> values;
  bool has_run = false;
};

/// The other side of orphans queries: the values of table.column.
struct Referenced {
  std::string table;
  std::string column;
  std::set<std::string> values;
};

class DumpReader {
 public:
  explicit DumpReader(std::span<const Query> queries) {
    for (const Query& query : queries) {
      running_.push_back({.query = &query});
      if (query.references.empty()) continue;
      const auto dot = query.references.find('.');
      referenced_.push_back(
          {query.references.substr(0, dot), query.references.substr(dot + 1), {}});
    }
  }

  bool take(std::string_view line) {
    if (++lines_ == 1 && line.starts_with("PGDMP")) {
      is_custom_ = true;
      return false;
    }
    if (is_copying_) {
      take_row(line);
    } else if (in_table_) {
      take_column(line);
    } else {
      take_statement(line);
    }
    return true;
  }

  /// What is wrong with it as a whole; empty if nothing is.
  std::string problem() const {
    if (is_custom_) return "is in PostgreSQL's custom format, not plain SQL";
    if (lines_ == 0) return "is empty";
    if (!is_complete_) return "does not end as a dump does: it is cut off, or no dump";
    return {};
  }

  DatabaseState finish() {
    for (Running& run : running_) {
      if (!run.has_run && !state_.has_columns(*run.query)) continue;
      if (run.query->kind == Query::Kind::distinct) run.result.count = run.values.size();
      state_.results.emplace(run.query->name, std::move(run.result));
    }
    count_orphans();
    return std::move(state_);
  }

 private:
  void take_statement(std::string_view line) {
    // In a cluster dump each database ends with the mark of a single one.
    if (line.contains("PostgreSQL database cluster dump")) is_cluster_ = true;
    if (line.contains(is_cluster_ ? "cluster dump complete" : "database dump complete")) {
      is_complete_ = true;
    } else if (const auto version = behind(line, {"-- Dumped from database version "})) {
      state_.server_version = first_word(*version);
    } else if (const auto table = behind(line, {"CREATE TABLE ", "CREATE UNLOGGED TABLE "})) {
      table_ = bare_name(first_word(*table));
      state_.tables[table_];
      in_table_ = true;
    } else if (const auto index = behind(line, {"CREATE INDEX ", "CREATE UNIQUE INDEX "})) {
      state_.indexes.insert(bare_name(first_word(*index)));
    } else if (const auto copy = behind(line, {"COPY "}); copy && copy->ends_with("FROM stdin;")) {
      begin_copy(*copy);
    }
  }

  void take_column(std::string_view line) {
    if (line.starts_with(");") || line.starts_with(")")) {
      in_table_ = false;
      return;
    }
    const std::string_view word = first_word(line);
    if (!word.empty() && word != "CONSTRAINT") state_.tables[table_].insert(bare_name(word));
  }

  void begin_copy(std::string_view copy) {
    is_copying_ = true;
    const std::string table = bare_name(first_word(copy));
    std::vector<std::string> names;
    const auto open = copy.find('(');
    const auto close = copy.find(')');
    if (open != std::string_view::npos && close != std::string_view::npos) {
      std::string_view list = copy.substr(open + 1, close - open - 1);
      while (!list.empty()) {
        names.push_back(bare_name(first_word(list)));
        const auto comma = list.find(',');
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
      }
    }
    const auto index_of = [&](const std::string& name) -> std::optional<std::size_t> {
      const auto found = std::ranges::find(names, name);
      if (found == names.end()) return std::nullopt;
      return static_cast<std::size_t>(found - names.begin());
    };
    active_.clear();
    for (Running& run : running_) {
      if (run.query->table == table && prepare(run, index_of)) active_.push_back(&run);
    }
    active_references_.clear();
    for (Referenced& reference : referenced_) {
      const auto index = index_of(reference.column);
      if (reference.table == table && index) active_references_.emplace_back(&reference, *index);
    }
  }

  template <typename IndexOf>
  bool prepare(Running& run, IndexOf index_of) {
    run.columns.clear();
    run.where.clear();
    for (const std::string& name : run.query->columns) {
      const auto index = index_of(name);
      if (!index) return false;
      run.columns.push_back(*index);
    }
    for (const auto& [name, values] : run.query->where) {
      const auto index = index_of(name);
      if (!index) return false;
      run.where.emplace_back(*index, &values);
    }
    run.has_run = true;
    return true;
  }

  void take_row(std::string_view line) {
    if (line == "\\.") {
      is_copying_ = false;
      return;
    }
    if (active_.empty() && active_references_.empty()) return;
    fields_.clear();
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      fields_.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    for (Running* run : active_) count(*run);
    for (auto& [reference, index] : active_references_) {
      if (index >= fields_.size()) continue;
      if (auto value = copy_value(fields_[index])) reference->values.insert(*std::move(value));
    }
  }

  std::optional<std::string> field(std::size_t index) const {
    return index < fields_.size() ? copy_value(fields_[index]) : std::nullopt;
  }

  void count(Running& run) {
    for (const auto& [index, values] : run.where) {
      if (std::ranges::find(*values, field(index)) == values->end()) return;
    }
    switch (run.query->kind) {
      case Query::Kind::count:
        ++run.result.count;
        break;
      case Query::Kind::nulls:
        run.result.count += field(run.columns.front()) ? 0 : 1;
        break;
      case Query::Kind::distinct:
      case Query::Kind::orphans:
        if (auto value = field(run.columns.front())) {
          const bool is_new = run.values.insert(*value).second;
          if (run.query->kind == Query::Kind::orphans && !is_new) ++repeated_[&run][*value];
        }
        break;
      case Query::Kind::rows: {
        if (run.result.rows.size() == kMostRows) break;
        DatabaseState::Row row;
        for (const std::size_t index : run.columns) row.push_back(field(index));
        run.result.rows.push_back(std::move(row));
        break;
      }
    }
  }

  void count_orphans() {
    for (Running& run : running_) {
      if (run.query->kind != Query::Kind::orphans) continue;
      const auto place = state_.results.find(run.query->name);
      const auto reference = std::ranges::find_if(referenced_, [&](const Referenced& candidate) {
        return run.query->references == candidate.table + "." + candidate.column;
      });
      if (place == state_.results.end()) continue;
      for (const std::string& value : run.values) {
        if (reference->values.contains(value)) continue;
        place->second.count += 1 + repeated_[&run][value];
      }
    }
  }

  DatabaseState state_;
  std::vector<Running> running_;
  std::vector<Referenced> referenced_;
  std::vector<Running*> active_;
  std::vector<std::pair<Referenced*, std::size_t>> active_references_;
  std::map<Running*, std::map<std::string, std::uint64_t>> repeated_;
  std::vector<std::string_view> fields_;
  std::string table_;
  std::size_t lines_ = 0;
  bool is_custom_ = false;
  bool is_cluster_ = false;
  bool is_complete_ = false;
  bool is_copying_ = false;
  bool in_table_ = false;
};

}  // namespace

Answer<DatabaseState> read_dump(const Bundle& bundle, std::string_view entry,
                                std::span<const Query> queries) {
  DumpReader reader(queries);
  const auto read = bundle.lines(entry, [&](std::string_view line) { return reader.take(line); });
  if (!read.is_ok()) return read.map([](bool) { return DatabaseState(); });
  if (std::string problem = reader.problem(); !problem.empty()) {
    return Unseen{State::malformed, std::string(entry), std::move(problem)};
  }
  return reader.finish();
}

}  // namespace dagfix::runtime
