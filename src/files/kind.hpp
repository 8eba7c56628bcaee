#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dagfix {

/// What a file is written in, as far as dagfix reads it.
enum class FileKind : std::uint8_t {
  python,
  notebook,  ///< Jupyter: its code cells are Python.
  yaml,      ///< Also Helm templates.
  json,
  dockerfile,
  shell,   ///< Also files of environment variables.
  script,  ///< JavaScript, TypeScript, Vue.
};

/// By the last part of a path; none: dagfix does not look for such files.
std::optional<FileKind> kind_of_name(std::string_view name);

/// The kind of a file that is to be read in any case: by its name, else by its `#!` line, else
/// Python.
FileKind kind_of(std::string_view path, std::string_view text);

/// "yaml", "dockerfile", ...
std::string_view to_string(FileKind kind);
/// The reverse; none: no such kind.
std::optional<FileKind> parse_file_kind(std::string_view name);

/// Whether a file that is found in a folder is left out for its name: lock files, minified code.
bool is_generated_name(std::string_view name);
/// The same for its text: code whose lines no person writes.
bool is_generated_text(FileKind kind, std::string_view text);

/// Largest file of a kind that is read when it is found in a folder.
std::size_t most_bytes(FileKind kind);

}  // namespace dagfix
