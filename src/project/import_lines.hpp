#pragma once

#include <functional>
#include <string_view>
#include <vector>

namespace dagfix {

/// One import statement as the text shows it. Views into the text.
struct ImportLine {
  struct Item {
    std::string_view name;   ///< "LocalX" or, for `import a.b`, "a.b"; "*" for a star.
    std::string_view alias;  ///< Empty without `as`.
  };
  std::string_view module;  ///< Of `from module import ...`, with its dots; else empty.
  std::vector<Item> items;
  std::string_view text;  ///< The whole statement.
};

/// Calls `visit` for each import statement that begins a line. Lexical and fast: it also sees those
/// in strings, and not those behind another statement on the same line. Good enough to decide
/// which files deserve a closer look, and to count modules.
void for_each_import(std::string_view text, const std::function<void(const ImportLine&)>& visit);

}  // namespace dagfix
