#include "runtime/collect/kubeconfig.hpp"

namespace dagfix::runtime {

std::expected<HttpOptions, std::string> parse_kubeconfig(const std::string&, const std::string&,
                                                         std::string_view) {
  return std::unexpected("not built in: yaml-cpp");
}

}  // namespace dagfix::runtime
