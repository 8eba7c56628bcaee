#include "runtime/collect/addresses.hpp"

#include <fmt/format.h>

#include "runtime/view/kubernetes.hpp"

namespace dagfix::runtime {

namespace {

using Strength = Profile::Strength;

struct ServiceAddress {
  std::string_view service;
  std::string_view key;         // of the profile
  std::string_view name_space;  // key of the profile
  std::string_view scheme;      // "" for databases
  std::string_view path;
};

// Names of the services: Kaapana's charts, 0.3.5, 0.4.1 and 0.5.3.
constexpr ServiceAddress kServices[] = {
    {"minio-service", "minio.url", "namespaces.services", "http", ""},
    {"ldap-service", "ldap.url", "namespaces.services", "ldap", ""},
    {"opensearch-service", "opensearch.url", "namespaces.services", "http", ""},
    {"keycloak-external-service", "keycloak.url", "namespaces.admin", "http", "/auth"},
    {"postgres-dcm4che-service", "sql.pacsdb.host", "namespaces.services", "", ""},
    {"postgres-airflow", "sql.airflow.host", "namespaces.services", "", ""},
    {"airflow-database-service", "sql.airflow.host", "namespaces.services", "", ""},
    {"postgres-keycloak-service", "sql.keycloak.host", "namespaces.admin", "", ""},
    {"keycloak-database-service", "sql.keycloak.host", "namespaces.admin", "", ""},
    {"kaapana-backend-postgres-service", "sql.backend.host", "namespaces.services", "", ""},
    {"kaapana-backend-database-service", "sql.backend.host", "namespaces.services", "", ""},
    {"aip-postgres-service", "sql.aii.host", "namespaces.services", "", ""},
    {"access-information-interface-database-service", "sql.aii.host", "namespaces.services", "",
     ""},
    {"dicom-project-mapping-postgres-service", "sql.dwf.host", "namespaces.services", "", ""},
    {"dicom-web-filter-database-service", "sql.dwf.host", "namespaces.services", "", ""},
    {"notification-service-database-service", "sql.notification.host", "namespaces.services", "",
     ""},
};

int port_of(const Json& service) {
  const Json* const port = value_at(service, "/spec/ports/0/port");
  return port && port->is_number_integer() ? port->get<int>() : 0;
}

/// 0.4 and newer have OpenSearch's security plugin on, and a claim for its certificates.
bool has_secure_opensearch(const Kubernetes& cluster, const std::string& name_space) {
  return cluster.find("PersistentVolumeClaim", name_space, "os-certs-pv-claim").is_ok();
}

}  // namespace

std::map<std::string, std::string> detect_addresses(const Bundle& bundle, Profile& profile) {
  const Kubernetes cluster(bundle);
  std::map<std::string, std::string> addresses;
  for (const ServiceAddress& known : kServices) {
    const std::string name_space = profile.get(known.name_space);
    const auto service = cluster.find("Service", name_space, known.service);
    if (!service.is_ok()) continue;
    const std::string address = text_at(**service, "/spec/clusterIP");
    const int port = port_of(**service);
    if (address.empty() || address == "None" || port == 0) continue;
    const std::string name = fmt::format("{}.{}.svc", known.service, name_space);
    const std::string origin = fmt::format("service {}/{}", name_space, known.service);
    addresses[name] = address;
    const auto set = [&](std::string_view key, std::string text) {
      profile.set(std::string(key), std::move(text), origin, Strength::detected);
    };
    if (known.scheme.empty()) {
      set(known.key, address);
      const std::string_view table = known.key.substr(0, known.key.rfind('.'));
      set(fmt::format("{}.port", table), std::to_string(port));
    } else if (known.scheme == "ldap") {
      set(known.key, fmt::format("ldap://{}:{}", address, port));
    } else if (known.key == "opensearch.url" && has_secure_opensearch(cluster, name_space)) {
      set(known.key, fmt::format("https://{}:{}", name, port));
      const std::string certs = profile.get("platform.fast") + "/os/certs/";
      set("opensearch.client-cert", certs + "admin.pem");
      set("opensearch.client-key", certs + "admin-key.pem");
      set("opensearch.ca", certs + "root-ca.pem");
    } else {
      set(known.key, fmt::format("{}://{}:{}{}", known.scheme, name, port, known.path));
    }
  }
  return addresses;
}

}  // namespace dagfix::runtime
