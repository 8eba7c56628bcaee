#pragma once

#include <string>
#include <vector>

#include "rules/context.hpp"

namespace dagfix {

/// A keyword that a call gives by itself or in a dictionary whose keys are known.
struct GivenKeyword {
  std::string name;
  Node place;  ///< The name, or the key of the dictionary.
  Node value;
  Node splat;  ///< `**x`, if it comes through one.
  /// Whether it stands in one dictionary that is unpacked as it is written.
  bool is_plain = true;
};

/// The keywords of a call, those included that are put into an unpacked dictionary step by step.
/// False: it may give more. Good for findings, not for edits.
bool read_keywords(const SemanticModel& model, const std::vector<Node>& arguments,
                   std::vector<GivenKeyword>& out);

}  // namespace dagfix
