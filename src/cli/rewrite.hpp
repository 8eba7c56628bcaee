#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "text/source_file.hpp"

namespace dagfix {

/// `file` with another text: its bytes in its own encoding, and what reading them gives. Bytes of
/// unchanged parts at both ends are copied. Error, one line: a character that the encoding lacks.
std::expected<SourceFile, std::string> with_text(const SourceFile& file, std::string_view text);

}  // namespace dagfix
