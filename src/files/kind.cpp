#include "files/kind.hpp"

#include <algorithm>
#include <array>

namespace dagfix {

namespace {

struct Ending {
  std::string_view text;
  FileKind kind;
};

constexpr auto kEndings = std::to_array<Ending>({
    {"py", FileKind::python},
    {"yaml", FileKind::yaml},
    {"yml", FileKind::yaml},
    {"tpl", FileKind::yaml},
    {"json", FileKind::json},
    {"sh", FileKind::shell},
    {"bash", FileKind::shell},
    {"env", FileKind::shell},
    {"js", FileKind::script},
    {"mjs", FileKind::script},
    {"cjs", FileKind::script},
    {"jsx", FileKind::script},
    {"ts", FileKind::script},
    {"tsx", FileKind::script},
    {"vue", FileKind::script},
    {"ipynb", FileKind::notebook},
    {"dockerfile", FileKind::dockerfile},
    {"Dockerfile", FileKind::dockerfile},
});

constexpr auto kNames = std::to_array<std::string_view>(
    {"python", "notebook", "yaml", "json", "dockerfile", "shell", "script"});

constexpr std::size_t kLargest = 1u << 20;
/// Pictures in the output of cells make notebooks large.
constexpr std::size_t kLargestNotebook = 16u << 20;
/// Bytes a line, on average, that only a machine writes.
constexpr std::size_t kLongLines = 500;

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::optional<FileKind> kind_of_name(std::string_view name) {
  if (name.starts_with("Dockerfile") || name.starts_with("Containerfile")) {
    return FileKind::dockerfile;
  }
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto found = std::ranges::find(kEndings, name.substr(dot + 1), &Ending::text);
  return found == kEndings.end() ? std::nullopt : std::optional(found->kind);
}

FileKind kind_of(std::string_view path, std::string_view text) {
  if (const auto kind = kind_of_name(last_part(path))) return *kind;
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool is_shell =
      first.starts_with("#!") && (first.contains("bash") || first.contains("/sh"));
  return is_shell ? FileKind::shell : FileKind::python;
}

std::string_view to_string(FileKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<FileKind> parse_file_kind(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FileKind>(found - kNames.begin());
}

bool is_generated_name(std::string_view name) {
  return name.ends_with(".min.js") || name.ends_with(".bundle.js") ||
         name.ends_with("-lock.json") || name.ends_with("-lock.yaml") ||
         name == "npm-shrinkwrap.json";
}

bool is_generated_text(FileKind kind, std::string_view text) {
  if (kind != FileKind::script) return false;
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  return text.size() / lines > kLongLines;
}

std::size_t most_bytes(FileKind kind) {
  return kind == FileKind::notebook ? kLargestNotebook : kLargest;
}

}  // namespace dagfix
