#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// FNV-1a over bytes, 64 bits: the same on every machine and in every version of dagfix.
class StableHash {
 public:
  /// Adds a field; "ab" and "c" hash differently from "a" and "bc".
  StableHash& add(std::string_view field);
  StableHash& add(std::uint64_t number);
  /// 16 hex digits.
  std::string hex() const;

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

/// `line` with runs of white space as one space and none at its ends.
std::string collapse_space(std::string_view line);

/// For each of `lines` (sorted, counted from 1) of a file (valid UTF-8) the hash that GitHub's
/// upload action puts into "primaryLocationLineHash": over the next 100 characters that are not
/// blank, plus a counter of equal hashes ("c129715d7a2bc9a3:1"). Computing the same keeps alerts
/// the same whoever uploads.
std::vector<std::string> line_hashes(std::string_view text, std::span<const std::uint32_t> lines);

}  // namespace dagfix
