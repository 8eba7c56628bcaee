#include "cli/rewrite.hpp"

#include <algorithm>

#include "files/decode.hpp"

namespace dagfix {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The one edit that makes `after` of `before`, cut between characters.
Edit difference(std::string_view before, std::string_view after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t prefix = 0;
  while (prefix < shorter && before[prefix] == after[prefix]) ++prefix;
  while (prefix > 0 && prefix < before.size() && is_continuation(before[prefix])) --prefix;
  while (prefix > 0 && prefix < after.size() && is_continuation(after[prefix])) --prefix;
  std::size_t suffix = 0;
  while (suffix < shorter - prefix &&
         before[before.size() - suffix - 1] == after[after.size() - suffix - 1]) {
    ++suffix;
  }
  while (suffix > 0 && is_continuation(before[before.size() - suffix])) --suffix;
  const ByteRange range{static_cast<std::uint32_t>(prefix),
                        static_cast<std::uint32_t>(before.size() - suffix)};
  return {range, std::string(after.substr(prefix, after.size() - suffix - prefix))};
}

}  // namespace

std::expected<SourceFile, std::string> with_text(const SourceFile& file, std::string_view text) {
  const Edit edit = difference(file.text(), text);
  auto bytes = file.encode_with({&edit, 1});
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  auto made = decode_file(file.path(), *std::move(bytes));
  if (!made) return made;
  if (made->text() != text) {
    return std::unexpected("the fixed text reads differently in encoding " + file.encoding());
  }
  return made;
}

}  // namespace dagfix
