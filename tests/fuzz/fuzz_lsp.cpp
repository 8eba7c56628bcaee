// Messages to the language server, in any order, and edits of two documents of which one imports
// the other: the texts that the server has after them are those of plain copies, and its
// diagnostics are those of a server that has just opened them.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "fuzz/byte_source.hpp"
#include "lsp/document.hpp"
#include "support/lsp_client.hpp"

namespace {

using namespace dagfix;
using fuzz::ByteSource;
using test::Json;
using test::LspClient;

/// A world without a disk: the project is what is open.
class MemoryHost : public lsp::Host {
 public:
  MemoryHost()
      : book_(std::make_shared<const RuleBook>(*RuleBook::load())),
        rules_(std::make_shared<const RuleSet>(
            *RuleSet::select(*book_, book_->versions().front(), book_->versions().back(), {}))) {}

  std::expected<std::shared_ptr<lsp::Survey>, std::string> survey(
      const lsp::SurveyRequest& request) override {
    const auto texts = std::make_shared<std::map<std::string, std::string>>();
    std::vector<std::string> paths;
    for (const auto& [path, text] : request.buffers) {
      paths.push_back(path);
      texts->emplace(path, *text);
    }
    seen = *texts;
    auto project = std::make_unique<Project>(
        paths, [texts](const std::string& path) { return std::optional(texts->at(path)); });
    auto load = [texts](const std::string& path) -> std::expected<SourceFile, std::string> {
      return SourceFile::from_utf8(path, texts->at(path));
    };
    auto set_text = [texts](const std::string& path, const std::string& text) {
      if (texts->contains(path)) texts->at(path) = text;
    };
    FactSearch search({{}, {}, {"DcmSendOperator", "LocalMinioOperator"}});
    return std::make_shared<lsp::Survey>(lsp::Survey{book_,
                                                     rules_,
                                                     {},
                                                     {},
                                                     Safety::safe,
                                                     std::move(project),
                                                     std::move(search),
                                                     {},
                                                     {},
                                                     {},
                                                     paths,
                                                     {},
                                                     std::move(load),
                                                     std::move(set_text)});
  }
  std::optional<std::string> read(const std::string&) override { return std::nullopt; }

  std::map<std::string, std::string> seen;  ///< Texts of the last survey.

 private:
  std::shared_ptr<const RuleBook> book_;
  std::shared_ptr<const RuleSet>
      rules_;  // selected once, and never copied: that takes longer than a session
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

constexpr std::array kPieces = std::to_array<std::string_view>(
    {"\n",
     "\r",
     "\r\n",
     " ",
     "x = 1\n",
     "(",
     ")",
     "[",
     "\"",
     "# dagfix: ignore[",
     "from kaapana.operators.DcmSendOperator import DcmSendOperator\n",
     "a = DcmSendOperator(dag=dag, ram_mem_mb=1)\n",
     "\xf0\x9f\x98\x80",
     "e\xcc\x81",
     "def f():\n  ",
     "from names import *\n",
     "from names import KEY\n",
     "KEY = 'network-access'\n",
     "from kaapana.operators.KaapanaBaseOperator import KaapanaBaseOperator as B\n"
     "B(dag=dag, name='b', labels={KEY: 'external-ips'})\n",
     "class M(B):\n  pass\n",
     "from kaapana.operators.LocalMinioOperator import LocalMinioOperator as M\n"
     "M(action='put')\n"});

constexpr std::array<std::string_view, 10> kMethods{"textDocument/hover",
                                                    "textDocument/codeAction",
                                                    "textDocument/completion",
                                                    "textDocument/diagnostic",
                                                    "workspace/diagnostic",
                                                    "workspace/executeCommand",
                                                    "codeAction/resolve",
                                                    "initialize",
                                                    "shutdown",
                                                    "no/such"};

/// The server, its client, and a plain copy of the one document.
class Session {
 public:
  explicit Session(ByteSource& choices)
      : choices_(choices), client_(host()), encoding_(choices.pick(kEncodings)) {
    Json capabilities = LspClient::capabilities();
    capabilities["general"] = {{"positionEncodings", Json::array({name_of(encoding_)})}};
    client_.start({"/w"}, capabilities);
    for (Copy& copy : copies_) client_.open(copy.uri, "");
  }

  void run() {
    while (!choices_.empty() && !client_.server().has_exited()) step();
    client_.run();
    if (is_shut_down_ || client_.server().has_exited()) return;
    compare();
  }

 private:
  /// What a document has to be.
  struct Copy {
    const char* uri;
    const char* path;
    std::string text = {};
    std::int64_t version = 1;
    bool is_open = true;
  };

  static constexpr std::array<lsp::Encoding, 3> kEncodings{
      lsp::Encoding::utf16, lsp::Encoding::utf8, lsp::Encoding::utf32};

  static MemoryHost& host() {
    static MemoryHost host;
    return host;
  }

  static const char* name_of(lsp::Encoding encoding) {
    return encoding == lsp::Encoding::utf8    ? "utf-8"
           : encoding == lsp::Encoding::utf16 ? "utf-16"
                                              : "utf-32";
  }

  void step() {
    client_.received.clear();
    now_ = &copies_[choices_.below(4) == 0 ? 1 : 0];
    switch (choices_.below(16)) {
      case 0:
      case 1:
        return client_.run();
      case 2:
      case 3:
        return send_request();
      case 4:
      case 5:
        return send_rubbish();
      case 6:
        return open_or_close();
      default:
        if (now_->is_open) edit();
    }
  }

  void open_or_close() {
    if (now_->is_open) {
      client_.notify("textDocument/didClose", {{"textDocument", {{"uri", now_->uri}}}});
    } else {
      client_.open(now_->uri, now_->text, now_->version);
    }
    now_->is_open = !now_->is_open;
  }

  bool is_inside(std::size_t at) const {
    const std::string& text = now_->text;
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  }

  std::size_t place() {
    const std::string& text = now_->text;
    std::size_t at = choices_.byte() % (text.size() + 1);
    if (text.size() > 255) at = (at * 256u + choices_.byte()) % (text.size() + 1);
    while (is_inside(at)) --at;
    // There is no place between CR and LF.
    if (at > 0 && text.substr(at - 1, 2) == "\r\n") --at;
    return at;
  }

  /// The position of an offset, counted in the plainest way.
  Json position(std::size_t offset) const {
    std::size_t line = 0;
    std::size_t character = 0;
    for (std::size_t at = 0; at < offset; ++at) {
      const auto byte = static_cast<unsigned char>(now_->text[at]);
      const bool is_crlf = byte == '\r' && now_->text.substr(at + 1, 1) == "\n";
      if (byte == '\n' || (byte == '\r' && !is_crlf)) {
        ++line;
        character = 0;
      } else if (encoding_ == lsp::Encoding::utf8) {
        ++character;
      } else if ((byte & 0xc0) != 0x80) {
        character += encoding_ == lsp::Encoding::utf16 && byte >= 0xf0 ? 2 : 1;
      }
    }
    return {{"line", line}, {"character", character}};
  }

  void edit() {
    Json changes = Json::array();
    for (std::size_t count = 1 + choices_.below(3); count > 0; --count) {
      std::size_t begin = place();
      std::size_t end = choices_.chance(30) ? place() : begin;
      if (end < begin) std::swap(begin, end);
      const std::string text(choices_.pick(kPieces));
      changes.push_back(
          {{"range", {{"start", position(begin)}, {"end", position(end)}}}, {"text", text}});
      now_->text.replace(begin, end - begin, text);
    }
    client_.change(now_->uri, ++now_->version, std::move(changes));
  }

  void send_request() {
    const std::string_view method = choices_.pick(kMethods);
    is_shut_down_ = is_shut_down_ || method == "shutdown";
    const Json at = position(place());
    Json params{{"textDocument", {{"uri", now_->uri}}},
                {"position", at},
                {"range", {{"start", at}, {"end", position(now_->text.size())}}},
                {"context", {{"diagnostics", Json::array()}}},
                {"command", "dagfix.migrateFile"},
                {"arguments", {{{"uri", now_->uri}}}}};
    if (choices_.chance(20)) params.erase(params.begin());
    const auto id = client_.send_request(method, std::move(params));
    if (choices_.chance(20)) client_.notify("$/cancelRequest", {{"id", id}});
    client_.run();
    if (client_.response(id).is_null()) fail("a request has no answer");
  }

  void send_rubbish() {
    std::string body = R"({"jsonrpc":"2.0","id":7,"method":"textDocument/didChange","params":{}})";
    for (std::size_t count = choices_.below(4); count > 0; --count) {
      body[choices_.byte() % body.size()] = static_cast<char>(choices_.byte());
    }
    client_.send_text(body);
  }

  void compare() {
    client_.received.clear();
    for (Copy& copy : copies_) {
      if (copy.is_open) client_.change(copy.uri, ++copy.version, Json::array());
    }
    client_.run();
    // A survey is given all texts.
    host().seen.clear();
    client_.notify("workspace/didChangeWatchedFiles",
                   {{"changes", {{{"uri", "file:///w/dagfix.toml"}, {"type", 2}}}}});
    const auto received = std::exchange(client_.received, {});
    client_.run();
    client_.received = received;
    LspClient fresh(host());
    Json capabilities = LspClient::capabilities();
    capabilities["general"] = {{"positionEncodings", Json::array({name_of(encoding_)})}};
    for (const Copy& copy : copies_) {
      const auto seen = host().seen.find(copy.path);
      const bool has_text = seen != host().seen.end();
      if (has_text != copy.is_open || (has_text && seen->second != copy.text)) {
        std::fprintf(stderr, "%s:\n%s\nseen:\n%s\n", copy.path, copy.text.c_str(),
                     has_text ? seen->second.c_str() : "(nothing)");
        fail("the text differs from that of a plain copy");
      }
    }
    fresh.start({"/w"}, capabilities);
    for (const Copy& copy : copies_) {
      if (copy.is_open) fresh.open(copy.uri, copy.text, copy.version);
    }
    for (const Copy& copy : copies_) {
      const Json seen = client_.diagnostics(copy.uri);
      const Json expected = fresh.diagnostics(copy.uri);
      if (!copy.is_open || seen == expected) continue;
      std::fprintf(stderr, "%s:\n%s\nseen: %s\nfresh: %s\n", copy.path, copy.text.c_str(),
                   seen.dump().c_str(), expected.dump().c_str());
      fail("the diagnostics differ from those of a server that opens the text");
    }
  }

  ByteSource& choices_;
  LspClient client_;
  lsp::Encoding encoding_;
  std::array<Copy, 2> copies_{Copy{"file:///w/dag.py", "dag.py"},
                              Copy{"file:///w/names.py", "names.py"}};
  Copy* now_ = copies_.data();  // that the step is about
  bool is_shut_down_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteSource choices({data, size});
  Session(choices).run();
  return 0;
}
