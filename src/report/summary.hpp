#pragma once

#include <string>

#include "report/report.hpp"

namespace dagfix {

/// The end of text output: what was found, what can be fixed, for which versions.
std::string format_summary(const Report& report, bool color);

/// A table of the rules that fired, the most frequent first; empty without findings.
std::string format_statistics(const Report& report, bool color);

}  // namespace dagfix
