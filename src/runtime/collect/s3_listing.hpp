#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix::runtime {

struct S3Object {
  std::string key;
  std::uint64_t size = 0;
  std::string modified;  ///< RFC 3339.
};

/// One page of ListObjectsV2.
struct S3Page {
  std::vector<S3Object> objects;
  std::string next;  ///< Continuation token; empty on the last page.
};

/// The error, one line, is that the text is no answer of S3.
std::expected<S3Page, std::string> parse_object_list(std::string_view xml);

/// Names of ListBuckets.
std::expected<std::vector<std::string>, std::string> parse_bucket_list(std::string_view xml);

/// "AccessDenied: Access Denied." of an error document; empty if it is none.
std::string s3_error(std::string_view xml);

}  // namespace dagfix::runtime
