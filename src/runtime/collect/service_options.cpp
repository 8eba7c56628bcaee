#include <fmt/format.h>

#include "runtime/collect/services.hpp"

namespace dagfix::runtime {

std::expected<HttpOptions, std::string> service_options(const ProbeContext& context,
                                                        const std::string& table) {
  if (!http_missing().empty()) return std::unexpected(std::string(http_missing()));
  const auto get = [&](const char* key) {
    const std::string name = table + '.' + key;
    return find_profile_key(name) ? context.profile.get(name) : std::string();
  };
  HttpOptions options;
  options.base = get("url");
  if (options.base.empty()) {
    return std::unexpected(
        fmt::format("not asked: {}.url is not set, and the cluster does not tell it", table));
  }
  while (options.base.ends_with('/')) options.base.pop_back();
  if (!options.base.starts_with("http://") && !options.base.starts_with("https://")) {
    return std::unexpected(fmt::format("{}.url '{}' is no http address", table, options.base));
  }
  if (options.base.contains('@')) {
    return std::unexpected(fmt::format("{}.url has a user: set {}.user instead", table, table));
  }
  options.timeout = context.timeout;
  options.addresses = context.addresses;
  options.ca_file = get("ca");
  options.cert_file = get("client-cert");
  options.key_file = get("client-key");
  options.user = get("user");
  if (find_profile_key(table + ".password")) {
    auto secret = read_secret(context.profile, table + ".password");
    if (!secret) return std::unexpected(secret.error());
    options.secret = *secret;
  }
  return options;
}

}  // namespace dagfix::runtime
