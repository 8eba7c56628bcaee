#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// A bundle written down in a few lines: what is different from a base. See
/// docs/adding-a-step.md for the form.
class BundleFixture {
 public:
  /// `bases`: descriptions by name, to which "base" refers. Throws what is wrong.
  explicit BundleFixture(const Json& bases) : bases_(bases) {}

  Bundle expand(const Json& description) const;

 private:
  const Json& bases_;
};

}  // namespace dagfix::runtime
