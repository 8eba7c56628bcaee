#pragma once

#include <optional>
#include <string>

#include "dagfix/finding.hpp"
#include "dagfix/version.hpp"

namespace dagfix {

/// The description of a rule: what lists, pages, SARIF and the selection need.
struct RuleInfo {
  std::string code;  ///< "KAP101": stable, never reused.
  std::string name;  ///< "local-get-input-data": what is wrong, in kebab case.
  Severity severity = Severity::warning;
  Safety safety = Safety::safe;  ///< The most that a fix of this rule does.
  std::optional<Version> since;  ///< First target version that is concerned; none: every version.
  std::optional<Version> until;  ///< First target version that is no longer concerned.
  std::string summary;           ///< One sentence.
  std::string why;               ///< Markdown: what happens when nothing is done.
  std::string fix;               ///< Markdown: what dagfix does, and what it leaves to a person.
  std::string guide;             ///< Markdown: where the official guide differs; may be empty.
  std::string before;            ///< Example that the rule reports; may be empty.
  std::string after;             ///< The example when fixed; empty if the rule has no fix.
  std::string language = "python";  ///< Of the example: "python", "yaml", "dockerfile", ...
};

}  // namespace dagfix
