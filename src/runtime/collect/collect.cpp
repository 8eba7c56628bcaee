#include "runtime/collect/collect.hpp"

namespace dagfix::runtime {

std::expected<Bundle, std::string> collect(const Profile&, const CollectOptions&,
                                           const CollectProgress&) {
  return std::unexpected(
      "this build cannot ask a platform; make a bundle by hand (docs/bundle-format.md) and give it "
      "with --bundle");
}

}  // namespace dagfix::runtime
