#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "runtime/collect/kubeconfig.hpp"
#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::uint64_t kMostToken = std::uint64_t{64} << 10;

/// What is wrong with the kubeconfig; caught below.
struct Problem {
  std::string text;
};

std::string text_of(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

/// The entry `name` of the list `list`: {name: ..., <kind>: {...}}.
YAML::Node entry_of(const YAML::Node& root, const char* list, const char* kind,
                    const std::string& name) {
  for (const YAML::Node& entry : root[list]) {
    if (text_of(entry, "name") == name && entry[kind] && entry[kind].IsMap()) return entry[kind];
  }
  throw Problem{fmt::format("has no {} '{}'", kind, name)};
}

std::string path_in(const std::string& folder, const std::string& path) {
  return path.empty() || path.starts_with('/') ? path : folder + '/' + path;
}

std::string decoded(const YAML::Node& node, const char* key) {
  const std::string text = text_of(node, key);
  std::string bytes = base64_decoded(text);
  if (bytes.empty() && !text.empty()) throw Problem{fmt::format("{} is no base64", key)};
  return bytes;
}

void read_cluster(const YAML::Node& cluster, const std::string& folder, HttpOptions& options) {
  options.base = text_of(cluster, "server");
  while (options.base.ends_with('/')) options.base.pop_back();
  if (text_of(cluster, "insecure-skip-tls-verify") == "true") {
    throw Problem{
        "has insecure-skip-tls-verify, and dagfix verifies always: give it the cluster's "
        "certificate-authority-data"};
  }
  if (!options.base.starts_with("https://")) {
    throw Problem{fmt::format("server '{}' is no https:// address", options.base)};
  }
  if (cluster["proxy-url"]) throw Problem{"has a proxy-url, which is not supported"};
  options.server_name = text_of(cluster, "tls-server-name");
  options.ca_pem = decoded(cluster, "certificate-authority-data");
  options.ca_file = path_in(folder, text_of(cluster, "certificate-authority"));
}

void read_user(const YAML::Node& user, const std::string& folder, HttpOptions& options) {
  if (user["exec"] || user["auth-provider"]) {
    throw Problem{
        "gets credentials from a program, and dagfix runs none: give it a token or a client "
        "certificate"};
  }
  options.cert_pem = decoded(user, "client-certificate-data");
  options.key_pem = Secret(decoded(user, "client-key-data"));
  options.cert_file = path_in(folder, text_of(user, "client-certificate"));
  options.key_file = path_in(folder, text_of(user, "client-key"));
  std::string token = text_of(user, "token");
  if (const std::string file = text_of(user, "tokenFile"); token.empty() && !file.empty()) {
    auto bytes = read_whole(path_in(folder, file), kMostToken);
    if (!bytes) throw Problem{fmt::format("tokenFile {}: {}", file, bytes.error())};
    while (bytes->ends_with('\n')) bytes->pop_back();
    token = *std::move(bytes);
  }
  if (!token.empty()) {
    options.login = HttpOptions::Login::bearer;
    options.secret = Secret(std::move(token));
  } else if (const std::string name = text_of(user, "username"); !name.empty()) {
    options.login = HttpOptions::Login::basic;
    options.user = name;
    options.secret = Secret(text_of(user, "password"));
  }
}

}  // namespace

std::expected<HttpOptions, std::string> parse_kubeconfig(const std::string& text,
                                                         const std::string& folder,
                                                         std::string_view context) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) throw Problem{"is no kubeconfig"};
    std::string name(context);
    if (name.empty()) name = text_of(root, "current-context");
    if (name.empty()) throw Problem{"has no current-context"};
    const YAML::Node chosen = entry_of(root, "contexts", "context", name);
    HttpOptions options;
    read_cluster(entry_of(root, "clusters", "cluster", text_of(chosen, "cluster")), folder,
                 options);
    read_user(entry_of(root, "users", "user", text_of(chosen, "user")), folder, options);
    return options;
  } catch (const Problem& problem) {
    return std::unexpected(problem.text);
  } catch (const YAML::Exception& error) {
    // The message, not the text around it: that may be a key.
    return std::unexpected(fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  }
}

}  // namespace dagfix::runtime
