#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <mutex>
#include <vector>

#include "runtime/collect/http.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::size_t kMostBody = std::size_t{64} << 20;

enum class Method : std::uint8_t { get, head, post_for_token };

constexpr std::string_view name_of(Method method) {
  constexpr std::array<std::string_view, 3> kNames = {"GET", "HEAD", "POST"};
  return kNames[static_cast<std::size_t>(method)];
}

class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list_); }
  void add(const std::string& line) {
    if (curl_slist* const longer = curl_slist_append(list_, line.c_str())) list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* body) {
  auto& bytes = *static_cast<std::string*>(body);
  if (bytes.size() + size > kMostBody) return 0;
  bytes.append(data, size);
  return size;
}

State state_of(int status) {
  if (status >= 200 && status < 300) return State::ok;
  if (status == 404) return State::absent;
  if (status == 401 || status == 403) return State::denied;
  if (status == 429 || status >= 500) return State::unreachable;
  return State::malformed;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 400:
      return " Bad Request";
    case 401:
      return " Unauthorized";
    case 403:
      return " Forbidden";
    case 404:
      return " Not Found";
    case 410:
      return " Gone";
    case 429:
      return " Too Many Requests";
    case 500:
      return " Internal Server Error";
    case 502:
      return " Bad Gateway";
    case 503:
      return " Service Unavailable";
    case 504:
      return " Gateway Timeout";
    default:
      return "";
  }
}

curl_blob blob_of(const char* data, std::size_t size) {
  return {const_cast<char*>(data), size, CURL_BLOB_COPY};
}

/// The parts of "https://host:port/path".
struct Place {
  explicit Place(std::string_view url) {
    const auto begin = url.find("://") + 3;
    const std::string_view authority = url.substr(begin, url.find('/', begin) - begin);
    const auto bracket = authority.rfind(']');  // of an IPv6 address
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    host = authority.substr(0, colon);
    port = url.starts_with("https://") ? "443" : "80";
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
  }
  std::string host;
  std::string port;
};

}  // namespace

struct HttpClient::Impl {
  explicit Impl(HttpOptions given) : options(std::move(given)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    handle.reset(curl_easy_init());
  }

  HttpOptions options;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{nullptr, &curl_easy_cleanup};
  HeaderList addresses;
  std::array<char, CURL_ERROR_SIZE> error{};

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle.get(), option, value);
  }

  void set_up_tls() {
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    if (!options.ca_pem.empty()) {
      curl_blob blob = blob_of(options.ca_pem.data(), options.ca_pem.size());
      set(CURLOPT_CAINFO_BLOB, &blob);
    } else if (!options.ca_file.empty()) {
      set(CURLOPT_CAINFO, options.ca_file.c_str());
    }
    // A private authority replaces the system's, it does not join them.
    if (!options.ca_pem.empty() || !options.ca_file.empty()) set(CURLOPT_CAPATH, nullptr);
    if (!options.cert_pem.empty()) {
      curl_blob blob = blob_of(options.cert_pem.data(), options.cert_pem.size());
      set(CURLOPT_SSLCERT_BLOB, &blob);
    } else if (!options.cert_file.empty()) {
      set(CURLOPT_SSLCERT, options.cert_file.c_str());
    }
    if (!options.key_pem.empty()) {
      curl_blob blob =
          blob_of(options.key_pem.reveal(), std::string_view(options.key_pem.reveal()).size());
      set(CURLOPT_SSLKEY_BLOB, &blob);
    } else if (!options.key_file.empty()) {
      set(CURLOPT_SSLKEY, options.key_file.c_str());
    }
  }

  void set_up_login() {
    using Login = HttpOptions::Login;
    if (options.login == Login::bearer) {
      set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      set(CURLOPT_XOAUTH2_BEARER, options.secret.reveal());
    } else if (options.login != Login::none) {
      set(CURLOPT_USERNAME, options.user.c_str());
      set(CURLOPT_PASSWORD, options.secret.reveal());
      if (options.login == Login::basic) set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      if (options.login == Login::aws_signature) {
        set(CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:s3");
      }
    }
  }

  void set_up_addresses() {
    const Place place(options.base);
    const auto address = options.addresses.find(place.host);
    if (address == options.addresses.end()) return;
    addresses.add(fmt::format("{}:{}:{}", place.host, place.port, address->second));
    set(CURLOPT_RESOLVE, addresses.get());
    // A proxy for the way out does not know the way in.
    set(CURLOPT_NOPROXY, "*");
  }

  void set_up() {
    curl_easy_reset(handle.get());
    error.front() = '\0';
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
    set(CURLOPT_USERAGENT, "dagfix");
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout.count()));
    if (!options.socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, options.socket.c_str());
    set_up_tls();
    set_up_addresses();
  }

  // The whole URL is the server's name plus a path; the name a certificate must have may differ.
  std::string url_of(std::string_view target) {
    std::string url = options.base + std::string(target);
    if (options.server_name.empty()) return url;
    const Place place(options.base);
    url.replace(options.base.find("://") + 3, place.host.size(), options.server_name);
    addresses.add(fmt::format("{}:{}:{}", options.server_name, place.port, place.host));
    set(CURLOPT_RESOLVE, addresses.get());
    return url;
  }

  HttpAnswer ask(Method method, std::string_view target, const std::string& form) {
    HttpAnswer answer;
    // "token: 401" would be masked, as what looks like a secret is.
    const std::string what = fmt::format("{} {}{}", name_of(method), target,
                                         method == Method::post_for_token ? " (login)" : "");
    if (!handle) {
      answer.evidence = what + ": libcurl does not start";
      return answer;
    }
    set_up();
    const std::string url = url_of(target);
    set(CURLOPT_URL, url.c_str());
    HeaderList headers;
    if (!options.accept.empty()) headers.add("Accept: " + options.accept);
    // S3 wants to know that the body that is signed is none.
    if (options.login == HttpOptions::Login::aws_signature) {
      headers.add("x-amz-content-sha256: UNSIGNED-PAYLOAD");
    }
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &answer.body);
    if (method == Method::head) set(CURLOPT_NOBODY, 1L);
    if (method == Method::post_for_token) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
      set(CURLOPT_POSTFIELDS, form.c_str());
    } else {
      set_up_login();
    }
    const CURLcode code = curl_easy_perform(handle.get());
    if (code != CURLE_OK) {
      const std::string why = error.front() == '\0' ? curl_easy_strerror(code) : error.data();
      answer.state = code == CURLE_WRITE_ERROR ? State::malformed : State::unreachable;
      answer.evidence = fmt::format("{} {}: {}", options.base, what,
                                    code == CURLE_WRITE_ERROR ? "more than 64 MiB" : why);
      answer.body.clear();
      return answer;
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    answer.state = state_of(answer.status);
    const char* text = nullptr;
    if (curl_easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &text) == CURLE_OK && text) {
      answer.type = text;
    }
    if (curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text) {
      answer.location = text;
    }
    answer.evidence = fmt::format("{}: {}{}", what, status, reason_of(answer.status));
    if (!answer.location.empty()) answer.evidence += ", redirects to " + answer.location;
    return answer;
  }
};

HttpClient::HttpClient(HttpOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::get(std::string_view target) { return impl_->ask(Method::get, target, {}); }
HttpAnswer HttpClient::head(std::string_view target) {
  return impl_->ask(Method::head, target, {});
}

HttpAnswer HttpClient::post_for_token(std::string_view realm, std::string_view client) {
  std::string form =
      fmt::format("grant_type=password&client_id={}&username={}&password={}", url_encoded(client),
                  url_encoded(impl_->options.user), url_encoded(impl_->options.secret.reveal()));
  HttpAnswer answer =
      impl_->ask(Method::post_for_token,
                 fmt::format("/realms/{}/protocol/openid-connect/token", url_encoded(realm)), form);
  const Secret forgotten(std::move(form));
  return answer;
}

void HttpClient::use_token(const Secret& token) {
  impl_->options.secret = token;
  impl_->options.login = HttpOptions::Login::bearer;
}

std::string_view http_missing() { return {}; }

}  // namespace dagfix::runtime
