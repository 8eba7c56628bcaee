#pragma once

#include "support/catch.hpp"
#include "support/lsp_client.hpp"

namespace dagfix::test {

/// Every edit refers to an annotation that asks for confirmation, and there is an edit.
inline void check_confirmation(const Json& edit) {
  const Json& annotations = edit.at("changeAnnotations");
  REQUIRE(annotations.size() == 1);
  CHECK(annotations.front().at("needsConfirmation") == true);
  CHECK_FALSE(annotations.front().at("label").get<std::string>().empty());
  std::size_t edits = 0;
  for (const Json& file : edit.at("documentChanges")) {
    for (const Json& one : file.at("edits")) {
      CHECK(annotations.contains(one.value("annotationId", "missing")));
      ++edits;
    }
  }
  CHECK(edits > 0);
}

}  // namespace dagfix::test
