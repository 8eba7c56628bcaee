#include "runtime/bundle.hpp"

#include <fmt/format.h>

#include <sstream>

#include "runtime/file.hpp"
#include "runtime/mask.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::uint64_t kMostText = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostListing = std::uint64_t{4} << 30;
constexpr std::size_t kMostLine = std::size_t{64} << 20;

std::uint64_t limit_of(std::string_view name) {
  return name == "fs/tree.tsv" || name == "minio/ls.txt" ? kMostListing : kMostText;
}

/// Cuts parts of a file into lines.
class LineCutter {
 public:
  explicit LineCutter(const std::function<bool(std::string_view)>& take) : take_(take) {}

  bool add(std::string_view part) {
    while (goes_on_) {
      const auto end = part.find('\n');
      if (end == std::string_view::npos) break;
      if (rest_.empty()) {
        give(part.substr(0, end));
      } else {
        rest_ += part.substr(0, end);
        give(rest_);
        rest_.clear();
      }
      part.remove_prefix(end + 1);
    }
    if (goes_on_) rest_ += part;
    is_too_long = rest_.size() > kMostLine;
    return goes_on_ && !is_too_long;
  }

  void finish() {
    if (goes_on_ && !rest_.empty()) give(rest_);
  }

  bool is_too_long = false;

 private:
  void give(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    goes_on_ = take_(line);
  }

  const std::function<bool(std::string_view)>& take_;
  std::string rest_;
  bool goes_on_ = true;
};

}  // namespace

std::string_view entry_name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > 4096) return "is too long";
  if (name.starts_with('/')) return "is absolute";
  for (const char c : name) {
    if (c == '\\' || c == '\x7f' || (c >= 0 && c < ' ')) return "has a forbidden character";
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return "leads out of the bundle";
    begin = end + 1;
  }
  return {};
}

void Bundle::put(std::string name, std::string bytes, std::string evidence) {
  Entry entry;
  entry.evidence = mask_text(evidence);
  entry.bytes = masked(name, std::move(bytes));
  entry.size = entry.bytes.size();
  entries_.insert_or_assign(std::move(name), std::move(entry));
}

void Bundle::put_file(std::string name, std::string file, std::string evidence) {
  Entry entry;
  entry.evidence = mask_text(evidence);
  entry.file = std::move(file);
  entries_.insert_or_assign(std::move(name), std::move(entry));
}

void Bundle::put_state(std::string name, State state, std::string evidence) {
  assert(state != State::ok);
  Entry entry;
  entry.state = state;
  entry.evidence = mask_text(evidence);
  entries_.insert_or_assign(std::move(name), std::move(entry));
}

const Bundle::Entry* Bundle::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Bundle::names(std::string_view prefix) const {
  std::vector<std::string_view> names;
  for (auto entry = entries_.lower_bound(prefix); entry != entries_.end(); ++entry) {
    if (!entry->first.starts_with(prefix)) break;
    names.push_back(entry->first);
  }
  return names;
}

Answer<const Bundle::Entry*> Bundle::ask(std::string_view name) const {
  const Entry* const entry = find(name);
  if (!entry) return Unseen{State::unreachable, std::string(name), "not in the bundle"};
  if (entry->state == State::ok) return entry;
  if (entry->state == State::absent) return Answer<const Entry*>::absent();
  return Unseen{entry->state, std::string(name), entry->evidence};
}

Answer<std::string> Bundle::text(std::string_view name) const {
  const auto entry = ask(name);
  if (!entry.is_ok()) return entry.map([](const Entry*) { return std::string(); });
  if ((*entry)->file.empty()) return (*entry)->bytes;
  auto bytes = read_whole((*entry)->file, limit_of(name));
  if (!bytes) return Unseen{State::malformed, std::string(name), bytes.error()};
  return masked(name, *std::move(bytes));
}

Answer<std::vector<Json>> Bundle::json_documents(std::string_view name) const {
  const auto bytes = text(name);
  if (!bytes.is_ok()) return bytes.map([](const std::string&) { return std::vector<Json>(); });
  std::vector<Json> documents;
  std::istringstream in(*bytes);
  try {
    while (in >> std::ws && in.peek() != std::istringstream::traits_type::eof()) {
      documents.emplace_back();
      in >> documents.back();
    }
  } catch (const Json::exception& error) {
    return Unseen{State::malformed, std::string(name), error.what()};
  }
  return documents;
}

Answer<Json> Bundle::json(std::string_view name) const {
  const auto bytes = text(name);
  if (!bytes.is_ok()) return bytes.map([](const std::string&) { return Json(); });
  Json value = Json::parse(*bytes, nullptr, false);
  if (value.is_discarded()) return Unseen{State::malformed, std::string(name), "is no JSON"};
  return value;
}

Answer<bool> Bundle::lines(std::string_view name,
                           const std::function<bool(std::string_view)>& take) const {
  const auto entry = ask(name);
  if (!entry.is_ok()) return entry.map([](const Entry*) { return true; });
  LineCutter cutter(take);
  if ((*entry)->file.empty()) {
    cutter.add((*entry)->bytes);
  } else if (auto read = read_parts((*entry)->file,
                                    [&](std::string_view part) { return cutter.add(part); });
             !read) {
    return Unseen{State::malformed, std::string(name), read.error()};
  }
  if (cutter.is_too_long) {
    return Unseen{State::malformed, std::string(name), "has a line of more than 64 MiB"};
  }
  cutter.finish();
  return true;
}

}  // namespace dagfix::runtime
