#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// The objects of MinIO as minio/ of a bundle has them.
class ObjectListing {
 public:
  explicit ObjectListing(const Bundle& bundle);

  /// Keys in a bucket, without its name, that begin with `prefix`; sorted. Absent: no such bucket.
  Answer<std::vector<std::string>> keys(std::string_view bucket,
                                        std::string_view prefix = {}) const;
  /// Number of objects by bucket; buckets that were cut have the number that was listed.
  Answer<std::map<std::string, std::uint64_t>> buckets() const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> buckets_;
  std::vector<std::string> truncated_;
  Answer<bool> state_ = true;
};

}  // namespace dagfix::runtime
