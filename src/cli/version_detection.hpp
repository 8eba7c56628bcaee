#pragma once

#include <set>
#include <string>
#include <string_view>

#include "rules/rule_set.hpp"

namespace dagfix {

/// Modules of Kaapana that a file's import statements name: `from kaapana.a import b` gives
/// "kaapana.a" and "kaapana.a.b", since b may be either.
std::set<std::string, std::less<>> kaapana_modules(std::string_view text);

struct DetectedVersion {
  Version version;
  std::string evidence;  ///< Why, as a part of a sentence.
};

/// The oldest version, `to` at most, that has most of the imported modules.
DetectedVersion detect_version(const RuleBook& book,
                               const std::set<std::string, std::less<>>& modules, Version to);

}  // namespace dagfix
