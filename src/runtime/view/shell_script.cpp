#include "runtime/view/shell_script.hpp"

#include <algorithm>
#include <array>

namespace dagfix::runtime {

namespace {

std::string_view trimmed_left(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

bool is_name(std::string_view text) {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") ==
             std::string_view::npos;
}

/// The word that begins `text`, as a shell would read it but for variables.
std::string first_word(std::string_view text) {
  std::string word;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t' || c == ';' || c == '#' || c == '\r')) {
      // "(masked, default)" is no two words.
      if (word != "(masked,") break;
    }
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
    } else {
      word += c;
    }
  }
  return word;
}

}  // namespace

Answer<ShellScript> ShellScript::read(const Bundle& bundle, std::string_view entry) {
  return bundle.text(entry).map([](const std::string& text) { return ShellScript(text); });
}

ShellScript::ShellScript(std::string text) : text_(std::move(text)) {
  constexpr std::array<std::string_view, 4> kDeclarations = {"export ", "declare ", "readonly ",
                                                             "local "};
  std::string_view rest = text_;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = trimmed_left(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    for (const std::string_view word : kDeclarations) {
      if (line.starts_with(word)) line = trimmed_left(line.substr(word.size()));
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || !is_name(line.substr(0, equals))) continue;
    variables_.emplace(line.substr(0, equals), first_word(line.substr(equals + 1)));
  }
}

std::string_view ShellScript::shebang() const {
  const std::string_view text = text_;
  if (!text.starts_with("#!")) return {};
  std::string_view line = text.substr(2, text.find('\n') - 2);
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  return trimmed_left(line);
}

std::string_view ShellScript::instead_of_script() const {
  const std::string_view text = trimmed_left(text_);
  std::string begin(text.substr(0, 64));
  std::ranges::transform(begin, begin.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (begin.empty()) return "empty";
  if (begin.starts_with("<!doctype") || begin.starts_with("<html")) return "an HTML page";
  if (begin.starts_with("404")) return "the text '404: Not Found'";
  if (begin.starts_with('{') || begin.starts_with('[')) return "a JSON text";
  if (text_.contains("{% ") || text_.contains("|default("))
    return "a template that was not filled in";
  return {};
}

std::optional<std::string> ShellScript::variable(std::string_view name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

Answer<std::string> script_line(const Bundle& bundle, std::string_view entry) {
  if (entry.empty()) return Answer<std::string>::absent();
  const std::string name(entry.substr(entry.rfind('/')));
  std::string found;
  const auto read = bundle.lines(kScriptModes, [&](std::string_view line) {
    if (!line.ends_with(name)) return true;
    found = line;
    return false;
  });
  if (!read.is_ok()) return read.map([](bool) { return std::string(); });
  return found.empty() ? Answer<std::string>::absent() : Answer<std::string>(found);
}

}  // namespace dagfix::runtime
