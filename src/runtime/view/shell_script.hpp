#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// A shell script as text: nothing of it is run.
class ShellScript {
 public:
  static Answer<ShellScript> read(const Bundle& bundle, std::string_view entry);
  explicit ShellScript(std::string text);

  const std::string& text() const { return text_; }
  /// "#!/bin/bash" -> "/bin/bash"; empty if the first line is none.
  std::string_view shebang() const;
  /// What it is instead of a script: "an HTML page", "a JSON text", "the text '404: Not Found'",
  /// "empty", "a template with {{ }}"; empty if it looks like a script.
  std::string_view instead_of_script() const;
  /// The value of the first assignment `NAME=value` at the beginning of a line, which may have
  /// `export` or `declare` before it; without quotes, variables in it are left. Secrets are masked.
  std::optional<std::string> variable(std::string_view name) const;

 private:
  std::string text_;
  std::map<std::string, std::string, std::less<>> variables_;
};

/// What tells the modes and the paths of the scripts.
inline constexpr std::string_view kScriptModes = "scripts/modes.tsv";
/// Its line for a script, by its entry. Absent: it has none.
Answer<std::string> script_line(const Bundle& bundle, std::string_view entry);

}  // namespace dagfix::runtime
