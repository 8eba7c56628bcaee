#include "fix/imports.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fix/edits.hpp"

namespace dagfix {

namespace {

std::string as_statement(const NewImport& import) {
  std::string text = fmt::format("from {} import {}", import.module, import.name);
  if (!import.alias.empty()) text += fmt::format(" as {}", import.alias);
  return text;
}

/// Where a statement stands: whether lines can be put before and behind it.
struct Layout {
  bool alone = true;  ///< Nothing but blanks and a comment shares its lines.
  std::string_view indent;
  std::string_view newline;
  std::uint32_t end_of_line = 0;
};

Layout layout_of(std::string_view text, Node statement) {
  Layout layout;
  layout.indent = indent_of(text, statement.begin());
  layout.end_of_line = line_end(text, statement.end());
  layout.newline = line_break_at(text, layout.end_of_line);
  const auto behind = text.substr(statement.end(), layout.end_of_line - statement.end());
  const auto code = behind.find_first_not_of(" \t\f");
  layout.alone = line_begin(text, statement.begin()) + layout.indent.size() == statement.begin() &&
                 (code == std::string_view::npos || behind[code] == '#');
  return layout;
}

Edit insert_lines(Node statement, const Layout& layout, std::span<const NewImport> imports) {
  std::string inserted;
  if (!layout.alone) {
    for (const NewImport& import : imports) inserted += as_statement(import) + "; ";
    return {{statement.begin(), statement.begin()}, std::move(inserted)};
  }
  for (const NewImport& import : imports) {
    inserted += fmt::format("{}{}{}", layout.newline, layout.indent, as_statement(import));
  }
  return {{layout.end_of_line, layout.end_of_line}, std::move(inserted)};
}

/// Whether another fix can never remove this statement.
bool is_there_to_stay(Node statement) {
  if (statement.is(Kind::import_from_statement)) {
    return !statement.child(Field::module_name).text().starts_with("kaapana");
  }
  return !statement.is(Kind::import_statement);
}

/// Whether a block may end up empty when the statement goes: fixes are taken one by one.
bool leaves_empty_block(Node statement) {
  const Node block = statement.parent();
  if (!block.is(Kind::block)) return false;
  const auto statements = block.named_children();
  return std::ranges::none_of(
      statements, [&](Node other) { return !(other == statement) && is_there_to_stay(other); });
}

Edit remove_statement(std::string_view text, Node statement, const Layout& layout) {
  if (leaves_empty_block(statement)) return {statement.range(), "pass"};
  if (!layout.alone) {
    const auto end = std::min(text.find_first_not_of(" \t\f;", statement.end()), text.size());
    return {{statement.begin(), static_cast<std::uint32_t>(end)}, ""};
  }
  const bool comment =
      text.substr(statement.end(), layout.end_of_line - statement.end()).find('#') !=
      std::string_view::npos;
  if (comment) {
    std::uint32_t end = statement.end();
    while (text[end] == ' ' || text[end] == '\t') ++end;
    return {{statement.begin(), end}, ""};
  }
  std::uint32_t end = layout.end_of_line;
  if (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size() && text[end] == '\n') ++end;
  return {{line_begin(text, statement.begin()), end}, ""};
}

/// `from M import N` -> `from M2 import N2`, with the alias it has; comments and layout stay.
void rewrite_in_place(Node statement, Node item, const NewImport& import,
                      std::vector<Edit>& edits) {
  edits.push_back({statement.child(Field::module_name).range(), import.module});
  const bool aliased = item.is(Kind::aliased_import);
  const Node name = aliased ? item.child(Field::name) : item;
  if (aliased && import.alias != item.child(Field::alias).text()) {
    edits.push_back({item.range(), import.alias.empty()
                                       ? import.name
                                       : fmt::format("{} as {}", import.name, import.alias)});
    return;
  }
  std::string text = import.name;
  if (!aliased && !import.alias.empty()) text += " as " + import.alias;
  if (name.text() != text) edits.push_back({name.range(), std::move(text)});
}

}  // namespace

std::vector<Edit> plan_statement(const SemanticModel& model,
                                 std::span<const ImportRequest> requests) {
  const Node statement = model.imports()[requests.front().old].statement;
  const std::string_view text = model.tree().text();
  std::vector<NewImport> add;
  std::vector<Node> dropped;
  for (const ImportRequest& request : requests) {
    if (request.drop) dropped.push_back(model.imports()[request.old].item);
    for (const NewImport& import : request.add) {
      if (std::ranges::find(add, import) == add.end()) add.push_back(import);
    }
  }
  std::vector<Node> items;
  std::vector<bool> drop;
  for (const Import& import : model.imports()) {
    if (!(import.statement == statement)) continue;
    items.push_back(import.item);
    drop.push_back(std::ranges::find(dropped, import.item) != dropped.end());
  }
  const bool all = std::ranges::find(drop, false) == drop.end();
  const Layout layout = layout_of(text, statement);
  std::span<const NewImport> lines = add;
  std::vector<Edit> edits;
  if (all && items.size() == 1 && !add.empty() && !items[0].is(Kind::wildcard_import)) {
    rewrite_in_place(statement, items[0], add[0], edits);
    lines = lines.subspan(1);
  } else if (all && !add.empty()) {
    std::string replaced = as_statement(add[0]);
    edits.push_back({statement.range(), std::move(replaced)});
    lines = lines.subspan(1);
  } else if (all) {
    edits.push_back(remove_statement(text, statement, layout));
  } else {
    edits = remove_items(text, items, drop);
  }
  if (!lines.empty()) edits.push_back(insert_lines(statement, layout, lines));
  return edits;
}

}  // namespace dagfix
