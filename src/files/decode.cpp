#include "files/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "files/kind.hpp"
#include "text/encoding.hpp"

namespace dagfix {

std::expected<SourceFile, std::string> decode_file(std::string path, std::string bytes) {
  if (kind_of(path, bytes) == FileKind::python) {
    return SourceFile::decode(std::move(path), std::move(bytes));
  }
  if (bytes.size() > SourceFile::kMaxBytes) {
    return std::unexpected(
        fmt::format("larger than {} MiB: not looked at", SourceFile::kMaxBytes >> 20));
  }
  if (const std::size_t nul = bytes.find('\0'); nul != std::string::npos) {
    return std::unexpected(fmt::format("contains a NUL byte at offset {}: not looked at", nul));
  }
  if (const std::size_t valid = valid_utf8_prefix(bytes); valid != bytes.size()) {
    const auto line =
        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(valid), '\n') + 1;
    return std::unexpected(fmt::format("line {}: byte 0x{:02x} is not valid UTF-8: not looked at",
                                       line, static_cast<unsigned char>(bytes[valid])));
  }
  return SourceFile::from_utf8(std::move(path), std::move(bytes));
}

}  // namespace dagfix
