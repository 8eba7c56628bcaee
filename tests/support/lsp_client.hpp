#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lsp/server.hpp"
#include "lsp/uri.hpp"

namespace dagfix::test {

using Json = nlohmann::json;

/// A client that talks to a server within the process, on one thread, with a clock of its own.
class LspClient {
 public:
  explicit LspClient(lsp::Host& host)
      : server_(host,
                {[this](std::string_view body) { sent_.push_back(Json::parse(body)); },
                 [this](std::function<std::function<void()>()> work) {
                   started_.push_back(std::move(work));
                 },
                 [this](std::function<void()> task) { tasks_.push_back(std::move(task)); },
                 [this](std::int64_t process) { watched = process; }, [this] { return now_; }}) {}

  /// What a client of today can do, all of it, with pushed diagnostics.
  static Json capabilities() {
    return Json::parse(R"({
      "workspace": {"applyEdit": true, "configuration": true,
        "workspaceEdit": {"documentChanges": true, "changeAnnotationSupport": {}},
        "didChangeWatchedFiles": {"dynamicRegistration": true}},
      "textDocument": {
        "publishDiagnostics": {"relatedInformation": true, "codeDescriptionSupport": true,
          "dataSupport": true, "tagSupport": {"valueSet": [1, 2]}},
        "codeAction": {"codeActionLiteralSupport": {}, "dataSupport": true,
          "resolveSupport": {"properties": ["edit"]}}}})");
  }

  /// initialize and initialized, for folders given by path.
  Json start(std::initializer_list<std::string> folders, Json client = capabilities(),
             Json options = nullptr) {
    Json list = Json::array();
    for (const std::string& folder : folders) {
      list.push_back({{"uri", lsp::uri_of_path(folder)}, {"name", "folder"}});
    }
    Json answer = request("initialize", {{"processId", nullptr},
                                         {"capabilities", std::move(client)},
                                         {"initializationOptions", std::move(options)},
                                         {"workspaceFolders", std::move(list)}});
    notify("initialized", Json::object());
    run();
    return answer.at("result");
  }

  /// Takes in what work in the background has posted, and what the client says meanwhile. For work
  /// that is under way within run().
  void pump() {
    for (const auto& task : std::exchange(tasks_, {})) task();
    deliver();
    while (server_.work()) deliver();
  }

  /// What the clock of the server shows becomes so much later.
  void wait(std::chrono::milliseconds time) { now_ += time; }

  void send(const Json& message) { server_.receive(message.dump()); }
  void send_text(std::string_view body) { server_.receive(body); }

  void notify(std::string_view method, Json params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }

  std::int64_t send_request(std::string_view method, Json params) {
    send({{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", std::move(params)}});
    return id_;
  }

  /// The response: with "result" or "error".
  Json request(std::string_view method, Json params) {
    const std::int64_t id = send_request(method, std::move(params));
    run();
    return response(id);
  }

  Json result(std::string_view method, Json params) {
    Json answer = request(method, std::move(params));
    return answer.contains("result") ? answer.at("result") : answer;
  }

  Json response(const Json& id) {
    for (const Json& message : received) {
      if (!message.contains("method") && message.at("id") == id) return message;
    }
    return {};
  }

  void open(const std::string& uri, std::string_view text, std::int64_t version = 1) {
    notify("textDocument/didOpen",
           {{"textDocument",
             {{"uri", uri}, {"languageId", "python"}, {"version", version}, {"text", text}}}});
    run();
  }

  void change(const std::string& uri, std::int64_t version, Json changes) {
    notify("textDocument/didChange", {{"textDocument", {{"uri", uri}, {"version", version}}},
                                      {"contentChanges", std::move(changes)}});
  }

  /// Lets the server do all that it has to do, later things too; answers what it asks.
  void run() {
    for (bool more = true; more;) {
      more = server_.work();
      while (!started_.empty() && !holds_work) {
        const auto work = std::move(started_.front());
        started_.pop_front();
        tasks_.push_back(work());
        more = true;
      }
      for (const auto& task : std::exchange(tasks_, {})) {
        task();
        more = true;
      }
      more = deliver() || more;
      if (const auto next = server_.deadline(); !more && next) {
        now_ = std::max(now_, *next);
        more = server_.work();
      }
    }
  }

  /// Params of the last notification or request of a method; null if there was none.
  Json last(std::string_view method) const {
    for (auto message = received.rbegin(); message != received.rend(); ++message) {
      if (message->value("method", "") == method) return message->at("params");
    }
    return {};
  }

  /// Params of all notifications and requests of a method.
  std::vector<Json> all(std::string_view method) const {
    std::vector<Json> found;
    for (const Json& message : received) {
      if (message.value("method", "") == method) found.push_back(message.at("params"));
    }
    return found;
  }

  /// The diagnostics last published for a document; null if there were none.
  Json diagnostics(std::string_view uri) const {
    for (auto message = received.rbegin(); message != received.rend(); ++message) {
      if (message->value("method", "") != "textDocument/publishDiagnostics") continue;
      if (message->at("params").at("uri") == uri) return message->at("params").at("diagnostics");
    }
    return {};
  }

  /// "KAP101 2:5-2:30", ... of diagnostics.
  static std::vector<std::string> places(const Json& diagnostics) {
    std::vector<std::string> all;
    for (const Json& one : diagnostics) {
      const auto place = [&](const char* end) {
        const Json& at = one.at("range").at(end);
        return at.at("line").dump() + ":" + at.at("character").dump();
      };
      all.push_back(one.value("code", "") + " " + place("start") + "-" + place("end"));
    }
    return all;
  }

  lsp::Server& server() { return server_; }

  Json settings = Json::object();  ///< The section "dagfix".
  bool applies_edits = true;
  bool holds_work = false;  ///< Work in the background does not begin.
  std::vector<Json> received;
  std::int64_t watched = 0;

 private:
  /// Answers what the server has asked. Whether it has said anything.
  bool deliver() {
    const bool has_any = !sent_.empty();
    for (Json& message : std::exchange(sent_, {})) {
      answer(message);
      received.push_back(std::move(message));
    }
    return has_any;
  }

  void answer(const Json& message) {
    if (!message.contains("method") || !message.contains("id")) return;
    Json result;
    if (message.at("method") == "workspace/configuration") {
      result = Json::array();
      for (std::size_t i = 0; i < message.at("params").at("items").size(); ++i) {
        result.push_back(settings);
      }
    } else if (message.at("method") == "workspace/applyEdit") {
      result = {{"applied", applies_edits}};
    }
    send({{"jsonrpc", "2.0"}, {"id", message.at("id")}, {"result", std::move(result)}});
  }

  std::vector<Json> sent_;
  std::deque<std::function<std::function<void()>()>> started_;
  std::vector<std::function<void()>> tasks_;
  lsp::Server::Clock::time_point now_{};
  std::int64_t id_ = 0;
  lsp::Server server_;
};

}  // namespace dagfix::test
