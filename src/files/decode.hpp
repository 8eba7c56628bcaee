#pragma once

#include <expected>
#include <string>

#include "text/source_file.hpp"

namespace dagfix {

/// SourceFile::decode for a file of any kind: what is not Python has to be UTF-8, whatever a
/// comment says. The error is one line and does not name the path.
std::expected<SourceFile, std::string> decode_file(std::string path, std::string bytes);

}  // namespace dagfix
