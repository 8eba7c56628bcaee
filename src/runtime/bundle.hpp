#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.hpp"

namespace dagfix::runtime {

using Json = nlohmann::json;

/// What the manifest of a bundle says of all of it.
struct BundleInfo {
  std::string tool;
  std::string host;
  std::string taken_at;  ///< RFC 3339, UTC.
  std::string phase;     ///< As the one who took it says; may be empty.
  std::map<std::string, std::string> profile;
};

/// The recorded state of a platform: answers by name, as docs/bundle-format.md tells. What is in
/// it has no secrets: put() and the readers mask them.
class Bundle {
 public:
  struct Entry {
    State state = State::ok;
    std::string evidence;  ///< One line: where it comes from, or why it is not there.
    std::string taken_at;  ///< RFC 3339, UTC; empty: that of the bundle.
    std::string bytes;     ///< Of an entry in memory.
    std::string file;      ///< Of an entry on disk: the file that is read when asked for.
    std::uint64_t size = 0;
  };

  BundleInfo info;
  std::vector<std::string> warnings;  ///< One line each.

  /// An answer in memory, masked. `name` is an entry's name.
  void put(std::string name, std::string bytes, std::string evidence = {});
  /// An answer in a file, which stays where it is.
  void put_file(std::string name, std::string file, std::string evidence = {});
  /// No answer. `state` is not ok.
  void put_state(std::string name, State state, std::string evidence);

  /// Null if the bundle does not know it.
  const Entry* find(std::string_view name) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  std::map<std::string, Entry, std::less<>>& entries() { return entries_; }
  /// Names that begin with `prefix`, sorted.
  std::vector<std::string_view> names(std::string_view prefix) const;

  /// All of an entry, masked. An entry that the bundle does not know is unreachable.
  Answer<std::string> text(std::string_view name) const;
  /// The same as JSON, masked; what cannot be parsed is malformed.
  Answer<Json> json(std::string_view name) const;
  /// Several JSON documents one after the other.
  Answer<std::vector<Json>> json_documents(std::string_view name) const;
  /// Calls `take` with each line, without its end and not masked, until it returns false. True if
  /// there is an answer.
  Answer<bool> lines(std::string_view name,
                     const std::function<bool(std::string_view)>& take) const;

 private:
  Answer<const Entry*> ask(std::string_view name) const;

  std::map<std::string, Entry, std::less<>> entries_;
};

/// Why `name` may not be the name of an entry; empty if it may.
std::string_view entry_name_problem(std::string_view name);

/// Reads a bundle folder and checks it against its manifest. The error is one line and names the
/// file: the folder is no bundle, or a hostile one.
std::expected<Bundle, std::string> load_bundle(const std::string& folder);

/// Writes a bundle into a folder that is new or empty, MANIFEST.json last. Nothing in it is
/// readable for others.
std::expected<void, std::string> write_bundle(const Bundle& bundle, const std::string& folder);

}  // namespace dagfix::runtime
