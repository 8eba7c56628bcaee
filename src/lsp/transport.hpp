#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dagfix::lsp {

/// Cuts a stream of bytes into the messages that Content-Length headers frame. What cannot be a
/// message is passed over: the next header is found again.
class MessageReader {
 public:
  /// A longer message is passed over, unread.
  static constexpr std::size_t kMostBytes = 128u << 20;
  static constexpr std::size_t kMostHeaderBytes = 8192;

  struct Item {
    std::string body;
    std::string problem;  ///< One line; then there is no body.
  };

  void feed(std::string_view bytes);
  /// The next complete message or problem; nothing until more bytes come.
  std::optional<Item> next();

 private:
  std::optional<Item> read_header();
  bool find_header();
  std::optional<Item> begin_body(std::size_t length);
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  void compact();

  std::string buffer_;
  std::size_t at_ = 0;               // what lies before is done
  std::optional<std::size_t> body_;  // size of the body that comes next
  std::size_t to_skip_ = 0;
  bool is_lost_ = false;  // between a broken header and the next good one
};

/// A message as it is sent.
std::string framed(std::string_view body);

}  // namespace dagfix::lsp
