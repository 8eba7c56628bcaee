#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dagfix::runtime {

/// What became of asking for something; see docs/bundle-format.md.
enum class State : std::uint8_t { ok, absent, denied, unreachable, malformed };

/// "ok", "absent", "denied", "unreachable" or "malformed".
std::string_view name_of(State state);
/// The inverse; nothing for another text.
std::optional<State> state_named(std::string_view name);

/// Something that was asked for and could not be seen.
struct Unseen {
  State state = State::unreachable;  ///< denied, unreachable or malformed.
  std::string entry;                 ///< Of the bundle, or a place in it.
  std::string evidence;              ///< One line: what was answered instead.

  auto operator<=>(const Unseen&) const = default;
};

/// What a person can do to make it seen: "run it with sudo". One line, no period.
std::string access_hint(const Unseen& unseen);

/// A condition that is yes, no, or cannot be told. What was not seen never reads as "no": that
/// rule has its one place here and in Answer.
class Truth {
 public:
  Truth(bool value) : value_(value) {}  // NOLINT(google-explicit-constructor): a bool is one
  static Truth unknown(Unseen why);

  bool is_yes() const { return value_ == true; }
  bool is_no() const { return value_ == false; }
  bool is_unknown() const { return !value_; }
  /// Why it is unknown; empty otherwise. Sorted, each once.
  const std::vector<Unseen>& unseen() const { return unseen_; }

  Truth operator!() const;
  /// Kleene's logic: one "no" makes it no, whatever else is unknown.
  friend Truth operator&&(const Truth& left, const Truth& right);
  /// One "yes" makes it yes.
  friend Truth operator||(const Truth& left, const Truth& right);

 private:
  Truth() = default;
  static Truth combine(const Truth& left, const Truth& right, bool decisive);

  std::optional<bool> value_;
  std::vector<Unseen> unseen_;
};

/// What was asked for: a value, "surely not there", or not seen.
template <typename T>
class Answer {
 public:
  Answer(T value) : value_(std::move(value)), state_(State::ok) {}   // NOLINT
  Answer(Unseen why) : state_(why.state), unseen_(std::move(why)) {  // NOLINT
    assert(state_ != State::ok && state_ != State::absent);
  }
  static Answer absent() { return Answer(State::absent); }

  State state() const { return state_; }
  bool is_ok() const { return state_ == State::ok; }
  bool is_absent() const { return state_ == State::absent; }
  bool is_unseen() const { return !is_ok() && !is_absent(); }
  /// The value if there is one, else null.
  const T* get() const { return value_ ? &*value_ : nullptr; }
  const T* operator->() const {
    assert(value_);
    return &*value_;
  }
  const T& operator*() const {
    assert(value_);
    return *value_;
  }
  /// Of an answer that was not seen.
  const Unseen& unseen() const { return unseen_; }

  /// Whether it is there.
  Truth exists() const { return is_unseen() ? Truth::unknown(unseen_) : Truth(is_ok()); }
  /// Whether it is there and `holds`; what is not there does not hold.
  template <typename Predicate>
  Truth test(Predicate holds) const {
    return is_ok() ? Truth(holds(*value_)) : exists();
  }
  /// `function` of the value; the state stays.
  template <typename Function>
  auto map(Function function) const -> Answer<decltype(function(std::declval<const T&>()))> {
    using Result = Answer<decltype(function(std::declval<const T&>()))>;
    if (is_ok()) return Result(function(*value_));
    return is_absent() ? Result::absent() : Result(unseen_);
  }

 private:
  explicit Answer(State state) : state_(state) {}

  std::optional<T> value_;
  State state_;
  Unseen unseen_;
};

}  // namespace dagfix::runtime
