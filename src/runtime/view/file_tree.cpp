#include "runtime/view/file_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <tuple>

namespace dagfix::runtime {

namespace {

constexpr std::string_view kTree = "fs/tree.tsv";

template <typename Number>
bool to_number(std::string_view text, Number& number, int base = 10) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && stop == text.data() + text.size();
}

/// The first `count` fields of a line; the last one takes the rest.
template <std::size_t count>
bool split_tabs(std::string_view line, std::array<std::string_view, count>& fields) {
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) return false;
    fields[i] = line.substr(0, tab);
    line.remove_prefix(tab + 1);
  }
  fields[count - 1] = line;
  return true;
}

bool parse_seconds(std::string_view text, Time& time) {
  std::int64_t seconds = 0;
  if (!to_number(text.substr(0, text.find('.')), seconds)) return false;
  time = Time(std::chrono::seconds(seconds));
  return true;
}

/// Absolute, without '/' at the end and doubled ones.
std::string normal(std::string_view path) {
  std::string result;
  for (const char c : path) {
    if (c == '/' && result.ends_with('/')) continue;
    result += c;
  }
  if (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

std::string_view above(std::string_view path) {
  const auto slash = path.rfind('/');
  if (path == "/" || slash == std::string_view::npos) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

/// Order in which everything below a folder follows it: '/' sorts before all else.
bool comes_before(std::string_view left, std::string_view right) {
  return std::ranges::lexicographical_compare(left, right, [](char a, char b) {
    const auto rank = [](char c) {
      return c == '/' ? -1 : static_cast<int>(static_cast<unsigned char>(c));
    };
    return rank(a) < rank(b);
  });
}

/// The path that a line of find's errors is about: find: 'PATH': what.
std::optional<std::pair<std::string, std::string>> parse_error(std::string_view line) {
  constexpr std::pair<std::string_view, std::string_view> kQuotes[] = {{"\u2018", "\u2019"},
                                                                       {"'", "'"}};
  for (const auto& [open, close] : kQuotes) {
    const auto begin = line.find(open);
    const auto end = line.rfind(std::string(close) + ": ");
    if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin) continue;
    const std::size_t first = begin + open.size();
    return std::pair(normal(line.substr(first, end - first)),
                     std::string(line.substr(end + close.size() + 2)));
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Whether a listing is whole, as far as its end tells: find ends each line.
bool ends_a_line(const Bundle::Entry& entry) {
  if (entry.file.empty()) return entry.bytes.ends_with('\n');
  std::ifstream in(entry.file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == std::ifstream::pos_type(0)) return true;
  in.seekg(-1, std::ios::end);
  return in.get() == '\n';
}

}  // namespace

std::string join(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  return path.append(name.starts_with('/') ? name.substr(1) : name);
}

bool is_within(std::string_view path, std::string_view folder) {
  if (folder.ends_with('/')) folder.remove_suffix(1);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

FileTree::FileTree(const Bundle& bundle) : bundle_(bundle) {
  read_listing(bundle);
  read_errors(bundle);
  read_pruned(bundle);
}

void FileTree::read_listing(const Bundle& bundle) {
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  std::size_t number = 0;
  std::size_t broken = 0;
  const auto read = bundle.lines(kTree, [&](std::string_view line) {
    ++number;
    std::array<std::string_view, 6> fields;
    FileInfo node;
    bool is_good = split_tabs(line, fields) && fields[0].size() == 1 &&
                   to_number(fields[1], node.mode, 8) && to_number(fields[3], node.size) &&
                   parse_seconds(fields[4], node.modified) && fields[5].starts_with('/');
    const auto colon = fields[2].find(':');
    is_good = is_good && colon != std::string_view::npos &&
              to_number(fields[2].substr(0, colon), node.uid) &&
              to_number(fields[2].substr(colon + 1), node.gid);
    // A name with a line break makes lines that are none; the rest of the listing stands.
    if (!is_good) {
      broken += line.empty() ? 0 : 1;
      return true;
    }
    node.type = fields[0].front();
    const std::string path = normal(fields[5]);
    spans.emplace_back(paths_.size(), path.size());
    paths_ += path;
    nodes_.push_back(node);
    return true;
  });
  const bool is_cut = read.is_ok() && number > 0 && !ends_a_line(*bundle.find(kTree));
  if (is_cut) {
    // What is behind the cut would read as not there.
    state_ = State::malformed;
    unseen_ = {state_, std::string(kTree), "is cut off: its last line has no end"};
  } else if (!read.is_ok()) {
    state_ = read.state();
    unseen_ = read.is_unseen() ? read.unseen()
                               : Unseen{State::unreachable, std::string(kTree), "was not listed"};
  } else if (nodes_.empty() && broken > 0) {
    state_ = State::malformed;
    unseen_ = {state_, std::string(kTree), "has no line of the form that find -printf writes"};
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].path = std::string_view(paths_).substr(spans[i].first, spans[i].second);
  }
  std::ranges::stable_sort(nodes_, comes_before, &FileInfo::path);
  const auto twice = std::ranges::unique(nodes_, {}, &FileInfo::path);
  nodes_.erase(twice.begin(), twice.end());
}

void FileTree::read_errors(const Bundle& bundle) {
  [[maybe_unused]] const auto read = bundle.lines("fs/errors.txt", [&](std::string_view line) {
    const auto error = parse_error(line);
    if (!error) return true;
    State state = State::unreachable;
    if (error->second.contains("Permission denied")) state = State::denied;
    if (error->second.contains("No such file")) state = State::absent;
    problems_.push_back({error->first, state, fmt::format("{}: {}", error->first, error->second)});
    return true;
  });
}

void FileTree::read_pruned(const Bundle& bundle) {
  [[maybe_unused]] const auto read = bundle.lines("fs/pruned.tsv", [&](std::string_view line) {
    std::array<std::string_view, 4> fields;
    Pruned pruned;
    if (split_tabs(line, fields) && to_number(fields[0], pruned.sum.files) &&
        to_number(fields[1], pruned.sum.bytes) && parse_seconds(fields[2], pruned.sum.newest)) {
      pruned.path = normal(fields[3]);
      pruned_.push_back(std::move(pruned));
    }
    return true;
  });
}

const FileInfo* FileTree::at(std::string_view path) const {
  const auto node = std::ranges::lower_bound(nodes_, path, comes_before, &FileInfo::path);
  return node != nodes_.end() && node->path == path ? &*node : nullptr;
}

std::pair<std::size_t, std::size_t> FileTree::range_below(std::string_view path) const {
  const auto first = std::ranges::upper_bound(nodes_, path, comes_before, &FileInfo::path);
  auto last = first;
  const std::string prefix = join(path, "");
  while (last != nodes_.end() && last->path.starts_with(prefix)) ++last;
  return {static_cast<std::size_t>(first - nodes_.begin()),
          static_cast<std::size_t>(last - nodes_.begin())};
}

Answer<FileInfo> FileTree::missing(std::string_view path) const {
  const auto unseen = [](State state, std::string evidence) {
    return Unseen{state, std::string(kTree), std::move(evidence)};
  };
  for (std::string_view folder = path; !folder.empty(); folder = above(folder)) {
    const auto problem = std::ranges::find(problems_, folder, &Problem::path);
    if (problem != problems_.end()) {
      if (problem->state == State::absent) return Answer<FileInfo>::absent();
      return unseen(problem->state, problem->evidence);
    }
    if (folder == path) continue;
    if (std::ranges::find(pruned_, folder, &Pruned::path) != pruned_.end()) {
      return unseen(State::unreachable, fmt::format("{}: was counted, not listed", folder));
    }
    const FileInfo* const node = at(folder);
    if (!node) continue;
    if (node->type == 'l') {
      return unseen(State::unreachable,
                    fmt::format("{}: is a symbolic link, and was not followed", folder));
    }
    return Answer<FileInfo>::absent();
  }
  return unseen(State::unreachable, fmt::format("{}: was not listed", path));
}

Answer<FileInfo> FileTree::find(std::string_view path) const {
  const std::string normalized = normal(path);
  if (state_ != State::ok) return unseen_;
  if (const FileInfo* const node = at(normalized)) return *node;
  return missing(normalized);
}

Answer<FileInfo> FileTree::listed_folder(std::string_view path, bool pruned_counts) const {
  const auto folder = find(path);
  if (!folder.is_ok() || !folder->is_folder()) return folder;
  const auto hides = [&](std::string_view other) {
    return is_within(other, folder->path) || is_within(folder->path, other);
  };
  for (const Problem& problem : problems_) {
    if (problem.state != State::absent && hides(problem.path)) {
      return Unseen{problem.state, std::string(kTree), problem.evidence};
    }
  }
  if (pruned_counts) return folder;
  for (const Pruned& pruned : pruned_) {
    if (hides(pruned.path)) {
      return Unseen{State::unreachable, std::string(kTree),
                    fmt::format("{}: was counted, not listed", pruned.path)};
    }
  }
  return folder;
}

Truth FileTree::is_empty_folder(std::string_view path) const {
  return children(path).test([](const auto& found) { return found.empty(); }) &&
         find(path).test([](const FileInfo& info) { return info.is_folder(); });
}

Answer<std::vector<FileInfo>> FileTree::children(std::string_view path) const {
  const auto folder = find(path);
  if (!folder.is_ok()) return folder.map([](const FileInfo&) { return std::vector<FileInfo>(); });
  const std::string prefix = join(folder->path, "");
  // Only what hides the folder itself hides its children.
  if (const auto gone = missing(prefix + '\x01'); gone.is_unseen() && folder->is_folder()) {
    return gone.unseen();
  }
  std::vector<FileInfo> found;
  const auto [first, last] = range_below(folder->path);
  for (std::size_t i = first; i < last; ++i) {
    if (!nodes_[i].path.substr(prefix.size()).contains('/')) found.push_back(nodes_[i]);
  }
  return found;
}

Answer<std::vector<FileInfo>> FileTree::below(std::string_view path) const {
  const auto folder = listed_folder(path, false);
  return folder.map([&](const FileInfo& info) {
    const auto [first, last] = range_below(info.path);
    return std::vector<FileInfo>(nodes_.begin() + static_cast<std::ptrdiff_t>(first),
                                 nodes_.begin() + static_cast<std::ptrdiff_t>(last));
  });
}

Answer<FileTree::Sum> FileTree::sum(std::string_view path) const {
  for (const Pruned& pruned : pruned_) {
    if (pruned.path != path && is_within(path, pruned.path)) {
      return Unseen{State::unreachable, std::string(kTree),
                    fmt::format("{}: was counted as a whole", pruned.path)};
    }
  }
  return listed_folder(path, true).map([&](const FileInfo& info) {
    Sum sum;
    const auto add = [&](const Sum& part) {
      sum.files += part.files;
      sum.bytes += part.bytes;
      sum.newest = std::max(sum.newest, part.newest);
    };
    const auto [first, last] = range_below(info.path);
    for (std::size_t i = first; i < last; ++i) {
      if (nodes_[i].type == 'f') add({1, nodes_[i].size, nodes_[i].modified});
    }
    for (const Pruned& pruned : pruned_) {
      if (is_within(pruned.path, info.path)) add(pruned.sum);
    }
    return sum;
  });
}

Answer<std::string> FileTree::text(std::string_view path) const {
  const std::string name = "fs/small" + normal(path);
  if (bundle_.find(name)) {
    return bundle_.text(name).map(
        [](const std::string& text) { return std::string(trimmed(text)); });
  }
  const auto file = find(path);
  if (!file.is_ok()) return file.map([](const FileInfo&) { return std::string(); });
  return Unseen{State::unreachable, name, "the content was not collected"};
}

Answer<std::string> FileTree::pg_version(std::string_view folder) const {
  return text(join(folder, "PG_VERSION"));
}

Answer<FileTree::Device> FileTree::device(std::string_view path) const {
  Device best;
  bool is_head = true;
  const auto read = bundle_.lines("fs/df.txt", [&](std::string_view line) {
    if (std::exchange(is_head, false)) return true;
    const auto source_end = line.find_first_of(" \t");
    if (source_end == std::string_view::npos) return true;
    std::string_view rest = trimmed(line.substr(source_end));
    const auto number_end = rest.find_first_of(" \t");
    if (number_end == std::string_view::npos) return true;
    Device device;
    if (!to_number(rest.substr(0, number_end), device.available)) return true;
    device.target = trimmed(rest.substr(number_end));
    const bool fits = device.target == "/" || is_within(path, device.target);
    if (fits && device.target.size() >= best.target.size()) best = device;
    return true;
  });
  if (!read.is_ok()) return read.map([](bool) { return Device(); });
  if (best.target.empty()) {
    return Unseen{State::unreachable, "fs/df.txt", fmt::format("{}: is not in it", path)};
  }
  return best;
}

}  // namespace dagfix::runtime
