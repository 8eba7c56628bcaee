#include "fuzz/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

#include "dagfix/analyze.hpp"
#include "fix/edits.hpp"
#include "project/project.hpp"
#include "semantic/model.hpp"
#include "syntax/tree.hpp"

namespace dagfix::fuzz {

namespace {

constexpr int kSubsets = 4;

/// What must not get worse when a file is changed.
struct Health {
  std::size_t errors = 0;
  /// Argument lists that CPython refuses and the grammar takes.
  std::size_t bad_calls = 0;
  std::set<std::string, std::less<>> missing_names;
};

bool is_bad_call(Node list) {
  std::set<std::string_view> keywords;
  bool keyword_seen = false;
  for (const Node argument : list.named_children()) {
    if (argument.is(Kind::keyword_argument)) {
      keyword_seen = true;
      if (!keywords.insert(argument.child(Field::name).text()).second) return true;
    } else if (argument.is(Kind::dictionary_splat)) {
      keyword_seen = true;
    } else if (keyword_seen && !argument.is(Kind::list_splat)) {
      return true;
    }
  }
  return false;
}

Health health_of(std::string_view text, const Project& project, const std::string& path) {
  const SyntaxTree tree = SyntaxTree::parse(text);
  const FileResolver resolver(project, path);
  const SemanticModel model = SemanticModel::build(tree, resolver);
  Health health;
  health.errors = tree.errors().size();
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::argument_list) && is_bad_call(node)) ++health.bad_calls;
  }
  for (const std::string_view name : model.unresolved_names()) health.missing_names.emplace(name);
  return health;
}

std::string got_worse(const Health& before, const Health& after) {
  if (after.errors > before.errors) return "the changed file does not parse";
  if (after.bad_calls > before.bad_calls)
    return "a changed call has arguments out of order or twice";
  for (const std::string& name : after.missing_names) {
    if (!before.missing_names.contains(name)) return "a name is not bound any more: " + name;
  }
  return {};
}

bool same(const FileAnalysis& a, const FileAnalysis& b) {
  const auto same_fix = [](const Fix& x, const Fix& y) {
    return std::tie(x.safety, x.title, x.edits) == std::tie(y.safety, y.title, y.edits);
  };
  const auto same_finding = [](const Finding& x, const Finding& y) {
    return std::tie(x.rule, x.severity, x.range, x.message, x.remedy, x.fix) ==
           std::tie(y.rule, y.severity, y.range, y.message, y.remedy, y.fix);
  };
  return std::ranges::equal(a.findings, b.findings, same_finding) &&
         std::ranges::equal(a.fixes, b.fixes, same_fix);
}

/// Checks one file with one rule set. Each check returns what is wrong, or nothing.
class Checker {
 public:
  Checker(const SourceFile& file, const RuleSet& rules, ByteSource& choices)
      : file_(file), rules_(rules), choices_(choices) {
    project_.facts = facts_of(file.text());
    analysis_ = analyze(file, rules, project_);
  }

  std::string run() {
    for (const auto check : {&Checker::determinism, &Checker::prefilter, &Checker::findings,
                             &Checker::fixes, &Checker::subsets, &Checker::encoding}) {
      if (std::string wrong = (this->*check)(); !wrong.empty()) return wrong;
    }
    for (const Safety most : {Safety::safe, Safety::unsafe}) {
      if (std::string wrong = applying(most); !wrong.empty()) return wrong;
    }
    return {};
  }

 private:
  /// As the command line does: facts first, then the rules.
  ProjectFacts facts_of(std::string_view text) const {
    const SyntaxTree tree = SyntaxTree::parse(text);
    const Project none;
    const FileResolver resolver(none, file_.path());
    return dagfix::facts_of(SemanticModel::build(tree, resolver), none, file_.path());
  }

  std::string determinism() {
    return same(analysis_, analyze(file_, rules_, project_)) ? "" : "the second analysis differs";
  }

  std::string prefilter() {
    const FileResolver resolver(project_, file_.path());
    if (rules_.concerns(file_.text(), resolver) || is_spelled_in_parts()) return {};
    for (const Finding& finding : analysis_.findings) {
      const Rule* rule = rules_.book().find(finding.rule);
      // These two do not look for words: a syntax error, the name of the file itself.
      if (finding.rule == "KAP001" || rule->kind == "name") continue;
      const std::string_view text = file_.slice(finding.range);
      const auto quotes = std::ranges::count_if(text, [](char c) { return c == '\'' || c == '"'; });
      if (quotes > 2) continue;
      return "there is a finding in a file that is skipped: " + finding.message;
    }
    return {};
  }

  /// Whether a trigger word may be there that nobody sees: put together from parts, or spelled
  /// with escapes. A file whose only trigger is such a word is skipped, knowingly.
  bool is_spelled_in_parts() const {
    std::string words;
    std::ranges::copy_if(file_.text(), std::back_inserter(words), [](char c) {
      return std::string_view("'\"+() \n\r").find(c) == std::string_view::npos;
    });
    if (words.contains('\\')) return true;
    return !rules_.has_word(file_.text()) && rules_.has_word(words);
  }

  bool is_place(ByteRange range) const {
    const std::string_view text = file_.text();
    const auto is_border = [&](std::uint32_t at) {
      return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    };
    return range.begin <= range.end && range.end <= text.size() && is_border(range.begin) &&
           is_border(range.end);
  }

  std::string findings() {
    const auto place = [](const Finding& finding) { return std::tie(finding.range, finding.rule); };
    if (!std::ranges::is_sorted(analysis_.findings, {}, place)) return "findings are not sorted";
    for (const Finding& finding : analysis_.findings) {
      const auto wrong = [&](std::string_view what) {
        return fmt::format("{} of {}: {}", what, finding.rule, finding.message);
      };
      if (!rules_.runs(finding.rule)) return wrong("a rule that does not run");
      if (!is_place(finding.range)) return wrong("the place");
      if (finding.message.empty() || finding.message.contains('\n')) return wrong("the message");
      if (finding.remedy.contains('\n')) return wrong("the remedy");
      if (finding.fix && *finding.fix >= analysis_.fixes.size()) return wrong("the fix");
      for (const Related& related : finding.related) {
        if (!is_place(related.range)) return wrong("a related place");
      }
    }
    return {};
  }

  std::string fixes() {
    if (!analysis_.parses && !analysis_.fixes.empty())
      return "a file that does not parse has fixes";
    for (const Finding& finding : analysis_.findings) {
      if (!finding.fix) continue;
      const Safety declared = rules_.book().find(finding.rule)->info.safety;
      // What shares a fix with something unsafe is unsafe, too: only the safest can be compared.
      const Safety actual = analysis_.fixes[*finding.fix].safety;
      if (actual > declared && is_alone(*finding.fix)) {
        return fmt::format("a fix of {} is less safe than the rule says", finding.rule);
      }
    }
    std::vector<Edit> all;
    for (const Fix& fix : analysis_.fixes) {
      if (fix.title.empty() || fix.title.contains('\n')) return "a title of a fix: " + fix.title;
      if (!std::ranges::is_sorted(fix.edits)) return "edits are not sorted: " + fix.title;
      for (const Edit& edit : fix.edits) {
        if (!is_place(edit.range)) return "a place of an edit: " + fix.title;
      }
      if (apply_edits(file_.text(), fix.edits) == file_.text()) {
        return "a fix changes nothing: " + fix.title;
      }
      all.insert(all.end(), fix.edits.begin(), fix.edits.end());
    }
    std::ranges::sort(all);
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      if (all[i] == all[i + 1] || conflict(all[i], all[i + 1])) return "two edits conflict";
    }
    return {};
  }

  bool is_alone(std::uint32_t fix) const {
    return std::ranges::count_if(analysis_.findings,
                                 [&](const Finding& finding) { return finding.fix == fix; }) == 1;
  }

  std::string subsets() {
    if (analysis_.fixes.empty()) return {};
    const Health before = health_of(file_.text(), project_, file_.path());
    for (int round = 0; round < kSubsets; ++round) {
      std::vector<Edit> edits;
      std::string titles;
      for (const Fix& fix : analysis_.fixes) {
        if (choices_.byte() % 2 == 0) continue;
        edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
        titles += " | " + fix.title;
      }
      std::ranges::sort(edits);
      const std::string text = apply_edits(file_.text(), edits);
      const std::string wrong = got_worse(before, health_of(text, project_, file_.path()));
      if (!wrong.empty()) return wrong + " after" + titles;
    }
    return {};
  }

  std::string applying(Safety most) {
    const FixResult result = fix(file_, rules_, project_, most);
    if (!result.bugs.empty()) return "a fix breaks the syntax: " + result.bugs.front();
    if (result.applied.empty() != (result.text == file_.text())) {
      return "applied findings and changed text do not agree";
    }
    const Health before = health_of(file_.text(), project_, file_.path());
    const Health after = health_of(result.text, project_, file_.path());
    if (std::string wrong = got_worse(before, after); !wrong.empty()) return wrong + " at the end";
    if (!result.left.parses) return {};
    Project project;
    project.facts = facts_of(result.text);
    const SourceFile fixed = SourceFile::from_utf8(file_.path(), result.text);
    const FixResult again = fix(fixed, rules_, project, most);
    if (again.text == result.text) return {};
    return "a second run changes something: " +
           (again.applied.empty() ? std::string("nothing") : again.applied.front().message);
  }

  std::string encoding() {
    std::vector<Edit> edits;
    for (const Fix& fix : analysis_.fixes) {
      edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
    }
    std::ranges::sort(edits);
    const auto bytes = file_.encode_with(edits);
    if (!bytes) return "a fix cannot be encoded: " + bytes.error();
    if (edits.empty()) return *bytes == file_.bytes() ? "" : "untouched bytes changed";
    const auto read = SourceFile::decode(file_.path(), *bytes);
    if (!read) return "the fixed file cannot be decoded: " + read.error();
    return read->text() == apply_edits(file_.text(), edits) ? "" : "the encoded text differs";
  }

  const SourceFile& file_;
  const RuleSet& rules_;
  ByteSource& choices_;
  Project project_;
  FileAnalysis analysis_;
};

constexpr std::array<std::pair<Version, Version>, 6> kMigrations = {{
    {{0, 3, 5}, {0, 5, 3}},
    {{0, 2, 6}, {0, 6, 0}},
    {{0, 3, 5}, {0, 4, 2}},
    {{0, 4, 2}, {0, 5, 0}},
    {{0, 3, 5}, {0, 4, 0}},
    {{0, 4, 2}, {0, 5, 3}},
}};

[[noreturn]] void stop(const std::string& why) {
  std::fputs((why + "\n").c_str(), stderr);
  std::abort();
}

}  // namespace

RuleSets::RuleSets() {
  auto book = RuleBook::load();
  if (!book) stop(book.error());
  book_ = std::move(*book);
  for (const auto& [from, to] : kMigrations) {
    auto set = RuleSet::select(book_, from, to, {});
    if (!set) stop(set.error());
    sets_.push_back(std::move(*set));
  }
}

std::string broken_promise(const SourceFile& file, const RuleSet& rules, ByteSource& choices) {
  return Checker(file, rules, choices).run();
}

}  // namespace dagfix::fuzz
