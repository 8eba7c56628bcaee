#include <fmt/format.h>

#include <pugixml.hpp>

#include "runtime/collect/s3_listing.hpp"

namespace dagfix::runtime {

namespace {

/// The document's element `name`; the error is that there is none.
std::expected<pugi::xml_node, std::string> root_of(pugi::xml_document& document,
                                                   std::string_view xml, const char* name) {
  const auto parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return std::unexpected(fmt::format("byte {}: {}", parsed.offset, parsed.description()));
  }
  const pugi::xml_node root = document.child(name);
  if (!root) {
    return std::unexpected(
        fmt::format("there is no {}, but {}", name, document.document_element().name()));
  }
  return root;
}

}  // namespace

std::expected<S3Page, std::string> parse_object_list(std::string_view xml) {
  pugi::xml_document document;
  const auto root = root_of(document, xml, "ListBucketResult");
  if (!root) return std::unexpected(root.error());
  S3Page page;
  for (const pugi::xml_node contents : root->children("Contents")) {
    S3Object object{contents.child_value("Key"), contents.child("Size").text().as_ullong(),
                    contents.child_value("LastModified")};
    if (object.key.empty()) return std::unexpected("an object has no key");
    page.objects.push_back(std::move(object));
  }
  if (root->child("IsTruncated").text().as_bool()) {
    page.next = root->child_value("NextContinuationToken");
    if (page.next.empty()) return std::unexpected("there is more, and no token to ask for it");
  }
  return page;
}

std::expected<std::vector<std::string>, std::string> parse_bucket_list(std::string_view xml) {
  pugi::xml_document document;
  const auto root = root_of(document, xml, "ListAllMyBucketsResult");
  if (!root) return std::unexpected(root.error());
  std::vector<std::string> names;
  for (const pugi::xml_node bucket : root->child("Buckets").children("Bucket")) {
    names.emplace_back(bucket.child_value("Name"));
  }
  return names;
}

std::string s3_error(std::string_view xml) {
  pugi::xml_document document;
  const auto root = root_of(document, xml, "Error");
  if (!root) return {};
  return fmt::format("{}: {}", root->child_value("Code"), root->child_value("Message"));
}

}  // namespace dagfix::runtime
