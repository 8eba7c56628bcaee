#include "cli/gitignore.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <ranges>

namespace dagfix {
namespace {

constexpr std::string_view kWildcards = "*?[\\";

// Nothing if there is no such class.
std::optional<bool> in_posix_class(std::string_view name, unsigned char c) {
  if (name == "alnum") return std::isalnum(c) != 0;
  if (name == "alpha") return std::isalpha(c) != 0;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return std::iscntrl(c) != 0;
  if (name == "digit") return std::isdigit(c) != 0;
  if (name == "graph") return std::isgraph(c) != 0;
  if (name == "lower") return std::islower(c) != 0;
  if (name == "print") return std::isprint(c) != 0;
  if (name == "punct") return std::ispunct(c) != 0;
  if (name == "space") return std::isspace(c) != 0;
  if (name == "upper") return std::isupper(c) != 0;
  if (name == "xdigit") return std::isxdigit(c) != 0;
  return std::nullopt;
}

// A bracket expression from behind its `[` on, read as git's wildmatch.c reads it.
class Bracket {
 public:
  Bracket(std::string_view glob, std::size_t at, char c) : glob_(glob), at_(at), c_(byte(c)) {
    const bool negated = at_ < glob_.size() && (glob_[at_] == '!' || glob_[at_] == '^');
    if (negated) ++at_;
    // A `]` in the first place is a member.
    for (bool first = true; at_ < glob_.size(); first = false) {
      if (glob_[at_] == ']' && !first) {
        matches_ = contains_ != negated && c != '/';
        end_ = at_ + 1;
        return;
      }
      if (!member()) return;
    }
  }

  bool matches() const { return matches_; }
  // Behind the `]`.
  std::size_t end() const { return end_; }

 private:
  static unsigned char byte(char c) { return static_cast<unsigned char>(c); }

  // The character at the cursor, which moves on; none at the end.
  std::optional<unsigned char> take() {
    if (at_ < glob_.size() && glob_[at_] == '\\') ++at_;
    if (at_ >= glob_.size()) return std::nullopt;
    return byte(glob_[at_++]);
  }

  bool posix_class() {
    const std::size_t close = glob_.find(']', at_ + 2);
    if (close == std::string_view::npos || close < at_ + 3 || glob_[close - 1] != ':') return false;
    const auto contained = in_posix_class(glob_.substr(at_ + 2, close - at_ - 3), c_);
    if (contained.value_or(false)) contains_ = true;
    at_ = contained ? close + 1 : glob_.size();
    low_.reset();
    return true;
  }

  // False if the expression does not end.
  bool member() {
    const std::string_view rest = glob_.substr(at_);
    if (rest.starts_with("[:") && posix_class()) return true;
    const bool is_range = low_ && rest.size() > 1 && rest[0] == '-' && rest[1] != ']';
    if (is_range) ++at_;
    const std::optional<unsigned char> c = take();
    if (!c) return false;
    if (is_range ? *low_ <= c_ && c_ <= *c : c_ == *c) contains_ = true;
    low_ = is_range ? std::nullopt : c;
    return true;
  }

  std::string_view glob_;
  std::size_t at_;
  unsigned char c_;
  std::optional<unsigned char> low_;  // where a range could begin
  bool contains_ = false;
  bool matches_ = false;
  std::size_t end_ = 0;
};

// Keeps two places to go back to, the last `*` and the last `**/`; earlier ones never help.
class GlobMatcher {
 public:
  GlobMatcher(std::string_view glob, std::string_view path) : glob_(glob), path_(path) {}

  bool run() {
    while (true) {
      if (g_ < glob_.size() && glob_[g_] == '*') {
        if (star()) return true;
        continue;
      }
      if (g_ == glob_.size() && p_ == path_.size()) return true;
      if (!step() && !go_back()) return false;
    }
  }

 private:
  struct Place {
    std::size_t glob = 0;
    std::size_t path = 0;
  };

  // Passes `*` or `**`. True if it matches whatever is left.
  bool star() {
    const std::size_t begin = g_;
    while (g_ < glob_.size() && glob_[g_] == '*') ++g_;
    const bool at_name_start = begin == 0 || glob_[begin - 1] == '/';
    if (g_ - begin >= 2 && at_name_start) {
      if (g_ == glob_.size()) return true;
      if (glob_[g_] == '/') {
        ++g_;
        folders_ = Place{g_, p_};
        star_.reset();
        return false;
      }
    }
    star_ = Place{g_, p_};
    return false;
  }

  // Matches one character of the path.
  bool step() {
    if (g_ == glob_.size() || p_ == path_.size()) return false;
    char wanted = glob_[g_];
    const char c = path_[p_];
    if (wanted == '[') {
      const Bracket bracket(glob_, g_ + 1, c);
      if (!bracket.matches()) return false;
      g_ = bracket.end();
      ++p_;
      return true;
    }
    if (wanted == '\\') {
      if (++g_ == glob_.size()) return false;
      wanted = glob_[g_];
    } else if (wanted == '?' && c != '/') {
      wanted = c;
    }
    if (wanted != c) return false;
    if (c == '/') star_.reset();
    ++g_;
    ++p_;
    return true;
  }

  bool go_back() {
    if (star_ && star_->path < path_.size() && path_[star_->path] != '/') {
      p_ = ++star_->path;
      g_ = star_->glob;
      return true;
    }
    if (!folders_) return false;
    const std::size_t slash = path_.find('/', folders_->path);
    if (slash == std::string_view::npos) return false;
    p_ = folders_->path = slash + 1;
    g_ = folders_->glob;
    star_.reset();
    return true;
  }

  std::string_view glob_;
  std::string_view path_;
  std::size_t g_ = 0;
  std::size_t p_ = 0;
  std::optional<Place> star_;
  std::optional<Place> folders_;
};

std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escape = line[i] == '\\' && i + 1 < line.size();
    if (escape) ++i;
    if (escape || line[i] != ' ') end = i + 1;
  }
  return line.substr(0, end);
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view path) {
  return GlobMatcher(glob, path).run();
}

GitIgnore GitIgnore::parse(std::string_view text) {
  constexpr std::string_view kBom = "\xef\xbb\xbf";
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  GitIgnore result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with('#')) result.add(line);
  }
  return result;
}

void GitIgnore::add(std::string_view line) {
  line = without_trailing_spaces(line);
  Pattern pattern;
  pattern.keeps = line.starts_with('!');
  if (pattern.keeps) line.remove_prefix(1);
  pattern.only_folders = line.ends_with('/');
  if (pattern.only_folders) line.remove_suffix(1);
  pattern.whole_path = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  if (line.find_first_of(kWildcards) == std::string_view::npos) {
    pattern.kind = Kind::literal;
  } else if (!pattern.whole_path && line.find_last_of(kWildcards) == 0 && line[0] == '*') {
    pattern.kind = Kind::suffix;
    line.remove_prefix(1);
  }
  pattern.glob = line;
  patterns_.push_back(std::move(pattern));
}

bool GitIgnore::Pattern::matches(std::string_view path, std::string_view name) const {
  const std::string_view subject = whole_path ? path : name;
  switch (kind) {
    case Kind::literal:
      return subject == glob;
    case Kind::suffix:
      return subject.ends_with(glob);
    case Kind::glob:
      break;
  }
  const bool plain_start = kWildcards.find(glob.front()) == std::string_view::npos;
  if (plain_start && !subject.starts_with(glob.front())) return false;
  return glob_matches(glob, subject);
}

std::optional<bool> GitIgnore::verdict(std::string_view path, bool is_folder) const {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  for (const Pattern& pattern : std::views::reverse(patterns_)) {
    if (pattern.only_folders && !is_folder) continue;
    if (pattern.matches(path, name)) return !pattern.keeps;
  }
  return std::nullopt;
}

}  // namespace dagfix
