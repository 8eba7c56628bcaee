#pragma once

#include <string>

#include "fuzz/byte_source.hpp"

namespace dagfix::fuzz {

/// Writes a Python file that parses, in the manner of Kaapana's DAGs: imports in all shapes,
/// operator calls, conf accesses, clients, suppressions, odd spacing, LF or CRLF, with or without
/// BOM. UTF-8.
std::string write_python(ByteSource& choices);

}  // namespace dagfix::fuzz
