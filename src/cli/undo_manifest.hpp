#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// Recognizes bytes again.
struct Digest {
  std::size_t size = 0;
  std::string hash;

  bool operator==(const Digest&) const = default;
};

Digest digest(std::string_view bytes);

/// A file in the manifest of an undo journal.
struct UndoEntry {
  std::string path;    ///< Absolute, without symbolic links; any bytes.
  std::string backup;  ///< Name of the file with the old bytes.
  Digest old_bytes;
  Digest new_bytes;
};

/// The first line of a manifest.
std::string manifest_header();
std::string manifest_line(const UndoEntry& entry);
/// Says that the entry of `path` no longer counts.
std::string withdrawal_line(std::string_view path);

/// The entries that count. A last line without its end was being written when dagfix was killed;
/// its file was not touched yet. Error: the number of a line that is damaged or unknown.
std::expected<std::vector<UndoEntry>, std::size_t> parse_manifest(std::string_view text);

}  // namespace dagfix
