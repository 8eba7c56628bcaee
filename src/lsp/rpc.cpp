#include "lsp/rpc.hpp"

#include <nlohmann/json.hpp>

namespace dagfix::lsp {

namespace {

constexpr auto kReplace = Json::error_handler_t::replace;

std::string dump(const Json& message) { return message.dump(-1, ' ', false, kReplace); }

bool is_hex(std::string_view text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

bool is_surrogate(std::string_view escape, char first, char last) {
  if (!escape.starts_with("\\u") || !is_hex(escape.substr(2, 4))) return false;
  const char kind = static_cast<char>(escape[3] | 0x20);
  return (escape[2] | 0x20) == 'd' && kind >= first && kind <= last;
}

/// Replaces escapes of halves of surrogate pairs that stand alone.
std::string without_halves(std::string_view body) {
  std::string result;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      result += body[i];
      continue;
    }
    const bool is_high = is_surrogate(body.substr(i, 6), '8', 'b');
    const bool is_pair = is_high && is_surrogate(body.substr(i + 6, 6), 'c', 'f');
    const bool is_half = is_high || is_surrogate(body.substr(i, 6), 'c', 'f');
    const std::size_t length = is_pair ? 12 : is_half ? 6 : 2;
    result += is_half && !is_pair ? std::string_view("\\ufffd") : body.substr(i, length);
    i += length - 1;
  }
  return result;
}

}  // namespace

std::expected<Json, std::string> read_message(std::string_view body) {
  Json message = Json::parse(body, nullptr, false);
  if (message.is_discarded() && body.find("\\u") != body.npos) {
    message = Json::parse(without_halves(body), nullptr, false);
  }
  if (message.is_discarded()) {
    return std::unexpected(
        error_response(nullptr, ErrorCode::parse_error, "the message is not valid JSON"));
  }
  const auto refuse = [&](const Json& id, std::string_view why) {
    return std::unexpected(error_response(id, ErrorCode::invalid_request, why));
  };
  if (!message.is_object()) return refuse(nullptr, "the message is no object");
  const auto found = message.find("id");
  const bool has_id = found != message.end();
  if (has_id && !found->is_string() && !found->is_number_integer() && !found->is_null()) {
    return refuse(nullptr, "the id is neither a number nor a string");
  }
  const Json id = has_id ? *found : Json();
  if (const auto method = message.find("method"); method != message.end()) {
    if (!method->is_string()) return refuse(id, "the method is no string");
    return message;
  }
  if (!message.contains("result") && !message.contains("error")) {
    return refuse(id, "the message has no method");
  }
  return message;
}

std::string response(const Json& id, const Json& result) {
  return dump({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

std::string error_response(const Json& id, ErrorCode code, std::string_view message) {
  return dump({{"jsonrpc", "2.0"},
               {"id", id},
               {"error", {{"code", static_cast<std::int32_t>(code)}, {"message", message}}}});
}

std::string notification(std::string_view method, const Json& params) {
  return dump({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

std::string request(std::int64_t id, std::string_view method, const Json& params) {
  return dump({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

}  // namespace dagfix::lsp
