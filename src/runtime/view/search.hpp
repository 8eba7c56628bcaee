#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// OpenSearch as opensearch/ of a bundle has it.
class Search {
 public:
  explicit Search(const Bundle& bundle) : bundle_(bundle) {}

  struct Index {
    std::string name;
    std::string health;  ///< "green", "yellow" or "red".
    std::uint64_t documents = 0;
  };
  Answer<std::vector<Index>> indices() const;
  /// Absent: there is no such index.
  Answer<Index> index(std::string_view name) const;
  /// Documents of an index; counted, or as the list of indices has them.
  Answer<std::uint64_t> count(std::string_view index) const;

  struct Repository {
    std::string name;
    std::string type;      ///< "fs"
    std::string location;  ///< A folder in the container.
  };
  Answer<std::vector<Repository>> repositories() const;

  struct Snapshot {
    std::string name;
    std::string state;  ///< "SUCCESS", "PARTIAL", "IN_PROGRESS", "FAILED".
    std::vector<std::string> indices;
    std::size_t failed = 0;  ///< Failures and failed shards.
    std::optional<Time> end;
  };
  /// Those of all repositories.
  Answer<std::vector<Snapshot>> snapshots() const;

  /// The folders that repositories may be in, of any node.
  Answer<std::vector<std::string>> path_repo() const;
  /// Whether the shards of an index all are restored from a snapshot, and done.
  Truth is_recovered(std::string_view index) const;
  /// Documents that one index has and another surely has not, by the samples of ids that there are:
  /// the first hundred of each, sorted. Empty as well where there is no sample.
  std::vector<std::string> missing_ids(std::string_view source, std::string_view target) const;
  /// Whether a reindexing runs.
  Truth is_reindexing() const;

 private:
  const Bundle& bundle_;
};

}  // namespace dagfix::runtime
