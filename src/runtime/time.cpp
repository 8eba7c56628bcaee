#include "runtime/time.hpp"

#include <fmt/format.h>

#include <charconv>

namespace dagfix::runtime {

namespace {

/// Reads digits and separators from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return std::nullopt;
    const char* const end = rest_.data() + count;
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    if (error != std::errc{} || stop != end || value < 0 || rest_.front() == '-') {
      return std::nullopt;
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool one_of(std::string_view chars) {
    if (rest_.empty() || !chars.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_fraction() {
    if (!one_of(".,")) return;
    while (one_of("0123456789")) {
    }
  }

  char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::minutes> zone(Scanner& in) {
  if (in.is_at_end() || in.one_of("Zz")) return std::chrono::minutes(0);
  const bool is_west = in.front() == '-';
  if (!in.one_of("+-")) return std::nullopt;
  const auto hours = in.digits(2);
  if (!hours) return std::nullopt;
  in.one_of(":");
  const auto minutes = in.digits(2);
  const std::chrono::minutes offset(*hours * 60 + minutes.value_or(0));
  return is_west ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  Scanner in(text);
  const auto year = in.digits(4);
  if (!year || !in.one_of("-")) return std::nullopt;
  const auto month = in.digits(2);
  if (!month || !in.one_of("-")) return std::nullopt;
  const auto day = in.digits(2);
  if (!day || !in.one_of("T t")) return std::nullopt;
  const auto hour = in.digits(2);
  if (!hour || !in.one_of(":")) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute) return std::nullopt;
  const auto second = in.one_of(":") ? in.digits(2) : 0;
  if (!second) return std::nullopt;
  in.skip_fraction();
  const auto offset = zone(in);
  if (!offset || !in.is_at_end()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) - *offset;
}

std::string to_string(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string duration_text(std::chrono::seconds duration) {
  const auto say = [](auto count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  const auto minutes = std::chrono::floor<std::chrono::minutes>(duration).count();
  if (minutes < 120) return say(minutes, "minute");
  if (minutes < 48 * 60) return say(minutes / 60, "hour");
  return say(minutes / (24 * 60), "day");
}

}  // namespace dagfix::runtime
