#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fuzz/byte_source.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix::fuzz {

/// All rules, for several pairs of versions. Asserts that the rule files can be loaded.
class RuleSets {
 public:
  RuleSets();
  const std::vector<RuleSet>& all() const { return sets_; }

 private:
  RuleBook book_;
  std::vector<RuleSet> sets_;
};

/// What dagfix gets wrong with a file, in one line; empty if it keeps every promise:
///
/// - the same input gives the same output, sorted, with all places inside of the text;
/// - a file without any trigger word has no finding of any rule that looks at what is written;
/// - fixes do not conflict, change something and are no less safe than their rule says;
/// - any subset of the fixes gives a file that parses and lacks no name that it had (`choices`
///   decides which subsets are tried), and so does applying until nothing changes;
/// - a second run changes nothing;
/// - a file in another encoding has the same text when it is written and read again.
std::string broken_promise(const SourceFile& file, const RuleSet& rules, ByteSource& choices);

}  // namespace dagfix::fuzz
