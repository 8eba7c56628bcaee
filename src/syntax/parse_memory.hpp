#pragma once

#include <cstddef>

namespace dagfix {

/// While one exists, what tree-sitter allocates on this thread comes from blocks that are freed
/// together at the end: a parse makes and frees very many small objects. What tree-sitter made
/// meanwhile must not be used afterwards. Not to be nested.
class ParseMemory {
 public:
  /// For one text of this size. Nothing is reused during a parse, hence a long text gets none.
  explicit ParseMemory(std::size_t text_size);
  ~ParseMemory();
  ParseMemory(const ParseMemory&) = delete;
  ParseMemory& operator=(const ParseMemory&) = delete;

  /// Whether what is not deleted will be freed anyway.
  bool frees_all() const;
};

}  // namespace dagfix
