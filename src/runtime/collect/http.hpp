#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/answer.hpp"
#include "runtime/collect/secret.hpp"

namespace dagfix::runtime {

/// What a server answered.
struct HttpAnswer {
  /// 2xx ok, 404 absent, 401 and 403 denied, 429 and 5xx unreachable, others malformed; without an
  /// answer unreachable.
  State state = State::unreachable;
  int status = 0;        ///< 0: there was no answer.
  std::string body;      ///< At most 64 MiB.
  std::string type;      ///< Content-Type.
  std::string location;  ///< Of a redirect, which is never followed.
  std::string evidence;  ///< "GET /path: 403 Forbidden"; without secrets.
};

/// Whom to ask, and as whom. Contents of PEM files win over their names.
struct HttpOptions {
  enum class Login : std::uint8_t { none, basic, bearer, aws_signature };

  std::string base;     ///< "https://host:port/prefix", without '/' at its end.
  std::string socket;   ///< A Unix socket to ask instead of a host.
  std::string ca_file;  ///< Empty: the system's authorities.
  std::string ca_pem;
  std::string cert_file;  ///< Client certificate.
  std::string cert_pem;
  std::string key_file;
  Secret key_pem;
  std::string server_name;  ///< Name that the certificate must have, if not the host.
  std::string accept;       ///< Accept header; empty: any.
  Login login = Login::none;
  std::string user;  ///< Of basic and aws_signature.
  Secret secret;     ///< Password, token or secret key.
  /// Addresses of names that only the cluster's own DNS knows.
  std::map<std::string, std::string> addresses;
  std::chrono::milliseconds timeout{10'000};  ///< Of one request.
};

/// The only thing in dagfix that speaks HTTP. It can GET and HEAD, and POST to a token endpoint:
/// there is no way to say another method. Certificates are verified always, redirects are not
/// followed.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// `target` begins with '/', is percent-encoded and is put behind the base.
  HttpAnswer get(std::string_view target);
  HttpAnswer head(std::string_view target);
  /// Asks Keycloak for an access token with user and password: the one POST. The answer's body,
  /// which has the token, is given to nobody but the caller.
  HttpAnswer post_for_token(std::string_view realm, std::string_view client);
  /// From now on requests have this token.
  void use_token(const Secret& token);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Percent-encodes everything but the unreserved characters of RFC 3986.
std::string url_encoded(std::string_view text);

/// Why nobody can be asked: dagfix was built without a library. Empty if it was not.
std::string_view http_missing();

}  // namespace dagfix::runtime
