#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dagfix {

/// Half-open range of byte offsets into SourceFile::text (UTF-8, a BOM included).
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  auto operator<=>(const ByteRange&) const = default;
  std::uint32_t size() const { return end - begin; }
  bool contains(ByteRange other) const { return begin <= other.begin && other.end <= end; }
};

/// Replaces `range` by `text` (UTF-8). An insertion has an empty range.
struct Edit {
  ByteRange range;
  std::string text;

  auto operator<=>(const Edit&) const = default;
};

/// How bad the code is on the target version if nothing is done.
enum class Severity : std::uint8_t {
  info,     ///< Works, but should change.
  warning,  ///< Imports and runs, but does something else or loses something.
  error,    ///< Fails at import or at run time.
};

/// What may happen to the meaning of the file when the fix is applied.
enum class Safety : std::uint8_t {
  safe,    ///< Same work on the target version; applied by --apply.
  unsafe,  ///< Probably right, a person should look; applied by --apply --unsafe-fixes.
  manual,  ///< No edit is offered; the message says what a person has to do.
};

/// A second place that explains a finding: the import, the place of a constant.
struct Related {
  ByteRange range;
  std::string message;
};

/// One atomic change of one file: all edits are applied or none. Edits are sorted by
/// position and do not conflict; edits of different fixes of one FileAnalysis do not either.
struct Fix {
  Safety safety = Safety::safe;
  std::string title;  ///< Imperative, one line, no final period.
  std::vector<Edit> edits;
};

/// One diagnostic. `rule` is the rule's code; message and remedy are one line each.
struct Finding {
  std::string rule;
  Severity severity = Severity::warning;
  ByteRange range;
  std::string message;  ///< What is wrong, why, since which version.
  std::string remedy;   ///< What to do.
  std::vector<Related> related;
  std::optional<std::uint32_t> fix;  ///< Index into FileAnalysis::fixes.
};

}  // namespace dagfix
