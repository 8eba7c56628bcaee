#include "runtime/profile.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace dagfix::runtime {

namespace {

constexpr std::array<std::string_view, 8> kDatabases = {
    "pacsdb", "keycloak", "airflow", "backend", "aii", "dwf", "notification", "openrem"};

constexpr ProfileKey kKeys[] = {
    {"platform.fast", "/home/kaapana", false, "FAST_DATA_DIR"},
    {"platform.slow", "/home/kaapana", false, "SLOW_DATA_DIR"},
    {"platform.instance-uid", "", false, "INSTANCE_UID"},
    {"platform.target", "", false, "the version that the upgrade leads to, for example 0.5.3"},
    {"platform.host", "", false, "the platform's host name"},
    {"platform.backup", "", false, "folder with the backup that was taken for the upgrade"},
    {"platform.migration", "", false, "TMP_MIGRATION_DIR of the 0.3 to 0.4 script"},
    {"platform.snapshots", "", false, "folder with the saved OpenSearch snapshots (0.3 to 0.4)"},
    {"platform.scripts", ".", false, "folder with the deploy, server and migration scripts"},
    {"platform.deploy-script", "./deploy_platform.sh", false, "the deploy script"},
    {"namespaces.admin", "admin", false, "namespace of Keycloak and the landing page"},
    {"namespaces.services", "services", false, "namespace of the services"},
    {"namespaces.extensions", "extensions", false, "namespace of the extensions"},
    {"namespaces.project", "project-admin", false,
     "namespace and bucket of the admin project (0.4 and newer)"},
    {"namespaces.cluster",
     "kube-system,kube-public,kube-node-lease,default,ingress,gpu-operator,gpu-operator-resources,"
     "longhorn-system,metallb-system,cert-manager",
     false, "namespaces that belong to the cluster, not to Kaapana; with commas"},
    {"kubernetes.kubeconfig", "", false, "kubeconfig file"},
    {"kubernetes.context", "", false, "context in it, unless the current one"},
    {"keycloak.url", "", false, "address with /auth, for example https://kaapana.example/auth"},
    {"keycloak.realm", "kaapana", false, "the realm"},
    {"keycloak.user", "", false, "administrator of the master realm"},
    {"keycloak.password", "", true, "their password"},
    {"keycloak.token", "", true, "a ready access token instead of user and password"},
    {"keycloak.ca", "", false, "PEM file of the authority that signed its certificate"},
    {"opensearch.url", "", false, "address, for example https://10.152.183.20:9200"},
    {"opensearch.user", "", false, "user"},
    {"opensearch.password", "", true, "their password"},
    {"opensearch.client-cert", "", false, "PEM file, FAST/os/certs/admin.pem on 0.4 and newer"},
    {"opensearch.client-key", "", false, "PEM file, FAST/os/certs/admin-key.pem"},
    {"opensearch.ca", "", false, "PEM file"},
    {"minio.url", "", false, "address of the S3 API"},
    {"minio.user", "", false, "access key"},
    {"minio.password", "", true, "secret key"},
    {"minio.ca", "", false, "PEM file"},
    {"sql.*.host", "", false, "host or address of the database"},
    {"sql.*.port", "5432", false, "port"},
    {"sql.*.database", "", false, "name of the database; default: that of Kaapana's charts"},
    {"sql.*.user", "", false, "user; default: that of Kaapana's charts"},
    {"sql.*.password", "", true, "password"},
    {"ldap.url", "", false, "address, for example ldap://10.152.183.30:389"},
    {"ldap.base", "dc=dcm4che,dc=org", false, "suffix of the tree"},
    {"ldap.bind", "cn=admin,dc=dcm4che,dc=org", false, "name to bind with"},
    {"ldap.password", "", true, "its password"},
    {"ldap.ca", "", false, "PEM file of the authority, for ldaps://"},
    {"collect.timeout", "10", false, "seconds to wait for one answer"},
    {"openrem.folder", "", false, "folder of the installed package, .../site-packages/openrem"},
    {"openrem.settings", "", false,
     "local_settings.py; default: in openremproject/ of that folder"},
    {"openrem.url", "", false, "address of the web interface"},
};

bool fits(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  return std::ranges::any_of(kDatabases, [&](std::string_view database) {
    return name ==
           std::string(pattern.substr(0, star)).append(database).append(pattern.substr(star + 1));
  });
}

}  // namespace

std::span<const ProfileKey> profile_keys() { return kKeys; }

std::span<const std::string_view> database_names() { return kDatabases; }

const ProfileKey* find_profile_key(std::string_view name) {
  const auto key = std::ranges::find_if(
      kKeys, [&](const ProfileKey& candidate) { return fits(candidate.name, name); });
  return key == std::end(kKeys) ? nullptr : key;
}

Profile::Profile() {
  for (const ProfileKey& key : kKeys) {
    if (key.otherwise.empty() || key.name.contains('*')) continue;
    values_[std::string(key.name)] = {std::string(key.otherwise), "default", Strength::standard};
  }
}

void Profile::set(std::string name, std::string text, std::string origin, Strength strength) {
  Value& value = values_[std::move(name)];
  if (!value.origin.empty() && value.strength >= strength) return;
  value = {plain_path(std::move(text)), std::move(origin), strength};
}

void Profile::set_secret(std::string name, SecretReference reference) {
  secrets_.insert_or_assign(std::move(name), std::move(reference));
}

const std::string& Profile::get(std::string_view name) const {
  static const std::string kNothing;
  assert(find_profile_key(name));
  const Value* const value = find(name);
  return value ? value->text : kNothing;
}

const Profile::Value* Profile::find(std::string_view name) const {
  const auto value = values_.find(name);
  return value == values_.end() ? nullptr : &value->second;
}

const SecretReference* Profile::find_secret(std::string_view name) const {
  const auto reference = secrets_.find(name);
  return reference == secrets_.end() ? nullptr : &reference->second;
}

std::string plain_path(std::string text) {
  if (!text.starts_with('/')) return text;
  const auto is_second = [](char left, char right) { return left == '/' && right == '/'; };
  const auto rest = std::ranges::unique(text, is_second);
  text.erase(rest.begin(), rest.end());
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string shell_quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace dagfix::runtime
