#pragma once

#include <cstdint>
#include <exception>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dagfix::lsp {

using Json = nlohmann::json;

/// Error codes of JSON-RPC and of the protocol.
enum class ErrorCode : std::int32_t {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  not_initialized = -32002,
  request_failed = -32803,
  content_modified = -32801,
  request_cancelled = -32800,
};

/// Ends a request with an error. Never leaves the server.
class RequestError : public std::exception {
 public:
  RequestError(ErrorCode error_code, std::string text)
      : code(error_code), message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }

  ErrorCode code;
  std::string message;
};

/// Reads a message. Halves of surrogate pairs, which editors let people type, are taken for U+FFFD.
/// The error is the response to send.
std::expected<Json, std::string> read_message(std::string_view body);

std::string response(const Json& id, const Json& result);
std::string error_response(const Json& id, ErrorCode code, std::string_view message);
std::string notification(std::string_view method, const Json& params);
std::string request(std::int64_t id, std::string_view method, const Json& params);

}  // namespace dagfix::lsp
