#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "lsp/text.hpp"
#include "lsp/transport.hpp"
#include "lsp/uri.hpp"
#include "support/catch.hpp"
#include "syntax/incremental.hpp"

namespace {

using namespace dagfix;
using lsp::Encoding;
using lsp::MessageReader;
using lsp::Position;
using lsp::Text;

std::vector<std::string> read_all(MessageReader& reader) {
  std::vector<std::string> items;
  while (const auto item = reader.next()) {
    items.push_back(item->problem.empty() ? item->body : "! " + item->problem);
  }
  return items;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("LSP transport: messages are found wherever the stream is cut") {
  const std::string stream = lsp::framed("{\"a\":1}") + lsp::framed("") +
                             "content-LENGTH:  2 \r\nContent-Type: x\r\n\r\n[]" +
                             "Content-Length: 2\n\n{}";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    MessageReader reader;
    Strings items;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      reader.feed(std::string_view(stream).substr(at, size));
      for (auto& item : read_all(reader)) items.push_back(item);
    }
    INFO("pieces of " << size);
    CHECK(items == Strings{"{\"a\":1}", "", "[]", "{}"});
  }
}

TEST_CASE("LSP transport: rubbish is told once and the next message found") {
  MessageReader reader;
  reader.feed("hello\r\n\r\nworld\r\n\r\nContent-Length: x\r\n\r\n" + lsp::framed("{}"));
  CHECK(read_all(reader) == Strings{"! a header without a Content-Length that is a number", "{}"});
  reader.feed(std::string(3 * MessageReader::kMostHeaderBytes, 'x'));
  CHECK(read_all(reader) == Strings{"! a header without an end"});
  reader.feed(lsp::framed("[]"));
  CHECK(read_all(reader) == Strings{"[]"});
  reader.feed("Content-Length: -1\r\n\r\n" + lsp::framed("1"));
  CHECK(read_all(reader) == Strings{"! a header without a Content-Length that is a number", "1"});
}

TEST_CASE("LSP transport: a message that is too long is passed over") {
  MessageReader reader;
  const std::size_t size = MessageReader::kMostBytes + 5;
  reader.feed("Content-Length: " + std::to_string(size) + "\r\n\r\nabc");
  CHECK(read_all(reader) == Strings{"! a message of more than 128 MiB"});
  const std::string piece(1u << 20, 'x');
  for (std::size_t left = size - 3; left > 0;) {
    const std::size_t now = std::min(left, piece.size());
    reader.feed(std::string_view(piece).substr(0, now));
    left -= now;
    CHECK_FALSE(reader.next());
  }
  reader.feed(lsp::framed("{}"));
  CHECK(read_all(reader) == Strings{"{}"});
}

TEST_CASE("LSP text: columns are counted as the client does") {
  // 1, 2, 3 and 4 bytes; the last is "e" with a combining accent.
  const Text text("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x\r\ne\xcc\x81y\rlast");
  CHECK(text.line_count() == 3);
  CHECK(text.position(10, Encoding::utf8) == Position{0, 10});
  CHECK(text.position(10, Encoding::utf16) == Position{0, 5});
  CHECK(text.position(10, Encoding::utf32) == Position{0, 4});
  CHECK(text.position(16, Encoding::utf16) == Position{1, 2});
  CHECK(text.offset({0, 5}, Encoding::utf16) == 10);
  CHECK(text.offset({0, 4}, Encoding::utf32) == 10);
  CHECK(text.offset({0, 10}, Encoding::utf8) == 10);
  // Within a character: its begin. Behind a line: its end. Behind the text: the text's end.
  CHECK(text.offset({0, 4}, Encoding::utf16) == 6);
  CHECK(text.offset({0, 8}, Encoding::utf8) == 6);
  CHECK(text.offset({0, 99}, Encoding::utf16) == 11);
  CHECK(text.offset({2, 99}, Encoding::utf16) == 22);
  CHECK(text.offset({9, 0}, Encoding::utf16) == 22);
  // Between CR and LF there is no place.
  CHECK(text.position(12, Encoding::utf16) == Position{0, 6});
  CHECK(text.position(13, Encoding::utf16) == Position{1, 0});
}

TEST_CASE("LSP text: edits give the lines that the whole text has") {
  std::mt19937 random(1);  // NOLINT: the same on every run
  const Strings pieces{"",         "a", "\n", "\r", "\r\n", "x\ry", "\n\r", "\xf0\x9f\x98\x80",
                       "long line"};
  for (int round = 0; round < 200; ++round) {
    Text text;
    std::string plain;
    for (int step = 0; step < 40; ++step) {
      const auto below = [&](std::size_t limit) {
        return static_cast<std::uint32_t>(random() % limit);
      };
      std::uint32_t begin = below(plain.size() + 1);
      std::uint32_t end =
          std::min<std::uint32_t>(begin + below(6), static_cast<std::uint32_t>(plain.size()));
      const auto is_inside = [&](std::uint32_t at) {
        return at < plain.size() && (static_cast<unsigned char>(plain[at]) & 0xc0) == 0x80;
      };
      while (is_inside(begin)) --begin;
      while (is_inside(end)) ++end;
      const std::string& piece = pieces[below(pieces.size())];
      text.replace({begin, end}, piece);
      plain.replace(begin, end - begin, piece);
      const Text fresh(plain);
      REQUIRE(text.str() == plain);
      REQUIRE(text.line_count() == fresh.line_count());
      for (std::uint32_t at = 0; at <= plain.size(); ++at) {
        if (is_inside(at)) continue;
        const Position position = text.position(at, Encoding::utf16);
        REQUIRE(position == fresh.position(at, Encoding::utf16));
        const bool is_in_crlf =
            at > 0 && at < plain.size() && plain[at - 1] == '\r' && plain[at] == '\n';
        if (!is_in_crlf) REQUIRE(text.offset(position, Encoding::utf16) == at);
      }
    }
  }
}

TEST_CASE("LSP URI: paths go there and back") {
  for (const std::string path : {"/a/b.py", "/", "/with space/\xc3\xa4#?%.py", "/a:b@c/[x].py"}) {
    CHECK(lsp::path_of_uri(lsp::uri_of_path(path)) == path);
  }
  CHECK(lsp::path_of_uri("file:///c%3A/a%20b.py") == "/c:/a b.py");
  CHECK(lsp::path_of_uri("file://host/a/") == "/a");
  CHECK(lsp::path_of_uri("file:///a%2") == "/a%2");
  CHECK_FALSE(lsp::path_of_uri("untitled:Untitled-1"));
  CHECK_FALSE(lsp::path_of_uri("file://host"));
  CHECK_FALSE(lsp::path_of_uri("file:///a%00b"));
}

TEST_CASE("LSP parser: edited code has the tree that it has when it is parsed anew") {
  const Strings texts{
      "x = 1\n",
      "def f(a):\n    return [a, 1]\n\nx = f(2)\n",
      "def f(a, b):\n    return [a, 1]\n\nx = f(2)\n",
      "def f(a, b):\n    if a:\n        return {b: \"text\"}\n    return [a, 1]\n\nx = f(2)\n",
      "def f(a, b):\r    return [a, 1]\r\rx = f(2)\r",
      "",
      "class A:\n    '''text\n    text'''\n    x = f\"{1}\"\n",
  };
  IncrementalParser parser;
  for (const std::string& text : texts) {
    const SyntaxTree parts = parser.parse(text);
    const SyntaxTree whole = SyntaxTree::parse(text);
    INFO(text);
    REQUIRE(parts.size() == whole.size());
    for (std::uint32_t id = 0; id < whole.size(); ++id) {
      CHECK(parts.node(id).kind() == whole.node(id).kind());
      CHECK(parts.node(id).field() == whole.node(id).field());
      CHECK(parts.node(id).range() == whole.node(id).range());
      CHECK(parts.subtree_end(id) == whole.subtree_end(id));
    }
    CHECK(parts.errors().size() == whole.errors().size());
  }
}

TEST_CASE("LSP parser: what takes too long is given up, and right when it is tried again") {
  std::string text = "x = 1\n";
  for (int i = 0; i < 3000; ++i) text += "y = f(a, [1, 2], key=\"value\")\n";
  IncrementalParser parser;
  CHECK_FALSE(parser.has_text());
  CHECK_FALSE(parser.parse_within(text, std::chrono::microseconds(0)));
  CHECK(parser.parse(text).errors().empty());
  CHECK(parser.has_text());
  text.insert(6, "z = [\n");
  CHECK_FALSE(parser.parse_within(text, std::chrono::microseconds(0)));
  CHECK(parser.difference().begin == 6);
  CHECK(parser.difference().new_end == 12);
  text.insert(11, "]");
  const SyntaxTree tree = parser.parse(text);
  CHECK(tree.errors().empty());
  CHECK(tree.size() == SyntaxTree::parse(text).size());
}
