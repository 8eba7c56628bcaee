#include "lsp/transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace dagfix::lsp {

namespace {

constexpr std::string_view kLength = "content-length:";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t find_length(std::string_view text) {
  const auto found = std::ranges::search(text, kLength, {}, lower);
  return found.empty() ? std::string_view::npos
                       : static_cast<std::size_t>(found.begin() - text.begin());
}

/// Where the empty line behind the header fields begins and ends.
struct HeaderEnd {
  std::size_t begin;
  std::size_t end;
};

std::optional<HeaderEnd> find_end(std::string_view text) {
  const auto crlf = text.find("\r\n\r\n");
  const auto lf = text.find("\n\n");
  if (crlf == std::string_view::npos && lf == std::string_view::npos) return std::nullopt;
  return crlf < lf ? HeaderEnd{crlf, crlf + 4} : HeaderEnd{lf, lf + 2};
}

/// The number of the one Content-Length field.
std::optional<std::size_t> length_of(std::string_view header) {
  const std::size_t at = find_length(header);
  if (at == std::string_view::npos || (at > 0 && header[at - 1] != '\n')) return std::nullopt;
  std::string_view value = header.substr(at + kLength.size());
  value = value.substr(0, value.find('\n'));
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t\r") + 1);
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || stop != value.data() + value.size()) return std::nullopt;
  return number;
}

}  // namespace

void MessageReader::feed(std::string_view bytes) {
  const std::size_t skipped = std::min(to_skip_, bytes.size());
  to_skip_ -= skipped;
  buffer_.append(bytes.substr(skipped));
}

std::optional<MessageReader::Item> MessageReader::next() {
  while (true) {
    if (!body_) {
      if (auto item = read_header()) return item;
      if (!body_) return std::nullopt;
    }
    if (rest().size() < *body_) {
      compact();
      buffer_.reserve(*body_);
      return std::nullopt;
    }
    Item item{std::string(rest().substr(0, *body_)), {}};
    at_ += *body_;
    body_.reset();
    compact();
    return item;
  }
}

std::optional<MessageReader::Item> MessageReader::read_header() {
  while (true) {
    if (is_lost_ && !find_header()) return std::nullopt;
    const auto end = find_end(rest());
    if (!end && rest().size() <= kMostHeaderBytes) return std::nullopt;
    const bool is_long = !end || end->begin > kMostHeaderBytes;
    const auto length = is_long ? std::nullopt : length_of(rest().substr(0, end->begin));
    if (length) {
      at_ += end->end;
      is_lost_ = false;
      return begin_body(*length);
    }
    // Behind its first byte, so that the same header is not found once more.
    ++at_;
    if (!std::exchange(is_lost_, true)) {
      return Item{{},
                  is_long ? "a header without an end"
                          : "a header without a Content-Length that is a number"};
    }
  }
}

/// Goes to what may be a header; one that begins in rubbish is one nevertheless.
bool MessageReader::find_header() {
  const std::size_t found = find_length(rest());
  if (found != std::string_view::npos) {
    at_ += found;
    return true;
  }
  at_ = std::max(at_, buffer_.size() - std::min(buffer_.size(), kLength.size()));
  compact();
  return false;
}

std::optional<MessageReader::Item> MessageReader::begin_body(std::size_t length) {
  if (length <= kMostBytes) {
    body_ = length;
    return std::nullopt;
  }
  const std::size_t here = std::min(length, rest().size());
  at_ += here;
  to_skip_ = length - here;
  compact();
  return Item{{}, fmt::format("a message of more than {} MiB", kMostBytes >> 20)};
}

void MessageReader::compact() {
  constexpr std::size_t kUsualBytes = 1u << 20;
  if (at_ == buffer_.size()) {
    buffer_.clear();
    // One large document shall not take its size for ever.
    if (buffer_.capacity() > kUsualBytes) buffer_.shrink_to_fit();
    at_ = 0;
  } else if (at_ > kUsualBytes || at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
}

std::string framed(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace dagfix::lsp
