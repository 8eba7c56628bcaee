#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dagfix::runtime {

using Time = std::chrono::sys_seconds;

/// RFC 3339 and what PostgreSQL writes: "2026-03-01T10:15:00Z", "2026-03-01 10:15:00.25+01". A time
/// without a zone is UTC; fractions are cut off.
std::optional<Time> parse_time(std::string_view text);

/// "2026-03-01T10:15:00Z".
std::string to_string(Time time);

/// "3 days", "5 hours", "10 minutes"; for people.
std::string duration_text(std::chrono::seconds duration);

}  // namespace dagfix::runtime
