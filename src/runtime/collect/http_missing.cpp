#include <fmt/format.h>

#include "runtime/collect/http.hpp"

namespace dagfix::runtime {

struct HttpClient::Impl {};

HttpClient::HttpClient(HttpOptions) {}
HttpClient::~HttpClient() = default;

namespace {

HttpAnswer not_built(std::string_view target) {
  HttpAnswer answer;
  answer.evidence = fmt::format("GET {}: {}", target, http_missing());
  return answer;
}

}  // namespace

HttpAnswer HttpClient::get(std::string_view target) { return not_built(target); }
HttpAnswer HttpClient::head(std::string_view target) { return not_built(target); }
HttpAnswer HttpClient::post_for_token(std::string_view, std::string_view) {
  return not_built("token");
}
void HttpClient::use_token(const Secret&) {}

std::string_view http_missing() { return "not built in: libcurl"; }

}  // namespace dagfix::runtime
