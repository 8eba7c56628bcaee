#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace dagfix {

/// Writes all of `text` to standard output. Error, one line: the disk is full, the reader is gone.
std::expected<void, std::string> write_stdout(std::string_view text);

/// Writes a line to standard error: "dagfix: message". Control characters are made visible.
void say(std::string_view message);

/// Writes to standard error as it is.
void write_stderr(std::string_view text);

/// Makes `text` the content of a file that may not exist yet: whoever opens it sees the old or the
/// new text. Devices and pipes are written as they are. Error, one line without the path.
std::expected<void, std::string> write_output(const std::string& path, std::string_view text);

}  // namespace dagfix
