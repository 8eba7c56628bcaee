#pragma once

#include <string>
#include <string_view>

namespace dagfix {

/// `text` for an attribute or element of XML 1.0. Line ends and tabs are escaped: a parser would
/// turn them into spaces in attributes. What XML cannot have is left out.
std::string xml(std::string_view text);

}  // namespace dagfix
