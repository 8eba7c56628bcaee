#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace dagfix::runtime {

// The errors of this header are one line and do not name the path that was passed.

/// Calls `take` with one part of a regular file after the other until it returns false. A symbolic
/// link is not followed, a named pipe not waited for.
std::expected<void, std::string> read_parts(const std::string& path,
                                            const std::function<bool(std::string_view)>& take);

/// All of a regular file that is not larger than `most` bytes.
std::expected<std::string, std::string> read_whole(const std::string& path, std::uint64_t most);

/// A new file, readable for its owner only.
std::expected<void, std::string> write_new(const std::string& path, std::string_view bytes);

/// SHA-256 in hexadecimal digits.
std::string sha256(std::string_view bytes);
std::expected<std::string, std::string> sha256_of_file(const std::string& path);

}  // namespace dagfix::runtime
