#include "lsp/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lsp/protocol.hpp"
#include "lsp/settings.hpp"

namespace dagfix::lsp {

Server::Server(Host& host, Environment environment)
    : host_(host), environment_(std::move(environment)) {}

Server::~Server() { stop(); }

void Server::stop() {
  for (const Waiting& waiting : waiting_) *waiting.cancelled = true;
  for (const auto& [key, folder] : folders_) {
    if (folder.running) *folder.running = true;
  }
}

void Server::receive(std::string_view body) {
  auto message = read_message(body);
  if (!message) return environment_.send(message.error());
  const auto method = message->find("method");
  if (method != message->end() && *method == "$/cancelRequest") {
    const auto params = message->find("params");
    if (params != message->end() && params->is_object() && params->contains("id")) {
      cancel(params->at("id"));
    }
    return;
  }
  queue_.push_back(*std::move(message));
}

void Server::receive_problem(std::string_view problem) {
  environment_.send(error_response(nullptr, ErrorCode::parse_error, problem));
}

bool Server::work() {
  if (has_exited()) return false;
  if (!queue_.empty()) {
    const Json message = std::move(queue_.front());
    queue_.pop_front();
    process(message);
    return true;
  }
  if (Document* const document = stale_document()) {
    look_at(*document);
    return true;
  }
  return start_due_survey() || confirm_one();
}

std::optional<Server::Clock::time_point> Server::deadline() const {
  std::optional<Clock::time_point> next = confirm_at_;
  for (const auto& [key, folder] : folders_) {
    if (folder.wanted && !folder.running && (!next || *folder.wanted < *next)) {
      next = folder.wanted;
    }
  }
  return next;
}

void Server::process(const Json& message) {
  static const Json none = Json::object();
  const Json& params = message.contains("params") ? message.at("params") : none;
  const bool is_request = message.contains("id") && message.contains("method");
  if (!message.contains("method")) {
    const Json id = message.contains("id") ? message.at("id") : Json();
    const auto asked = id.is_number_integer() ? asked_.find(id.get<std::int64_t>()) : asked_.end();
    if (asked == asked_.end()) return;
    const Handler handler = std::move(asked->second);
    asked_.erase(asked);
    // An error means that the client has nothing to say.
    try {
      handler(message.contains("result") ? message.at("result") : Json());
    } catch (const std::exception&) {
      notify("window/logMessage",
             {{"type", 1}, {"message", "an answer of the client is no answer"}});
    }
    return;
  }
  const std::string& method = message.at("method").get_ref<const std::string&>();
  if (is_request) return process_request(message.at("id"), method, params);
  process_notification(method, params);
}

void Server::process_request(const Json& id, const std::string& method, const Json& params) {
  static const std::map<std::string_view, Method> methods{
      {"initialize", &Server::initialize},
      {"shutdown", &Server::shutdown},
      {"textDocument/diagnostic", &Server::pull},
      {"workspace/diagnostic", &Server::pull_workspace},
      {"textDocument/codeAction", &Server::code_action},
      {"codeAction/resolve", &Server::resolve_action},
      {"textDocument/hover", &Server::hover},
      {"textDocument/completion", &Server::completion},
      {"workspace/executeCommand", &Server::execute_command},
      {"workspace/textDocumentContent", &Server::migrated_text},
  };
  if (state_ == State::shut_down) {
    return fail(id, ErrorCode::invalid_request, "the server was shut down");
  }
  if (state_ == State::started && method != "initialize") {
    return fail(id, ErrorCode::not_initialized, "the first request has to be 'initialize'");
  }
  const auto found = methods.find(method);
  if (found == methods.end()) {
    return fail(id, ErrorCode::method_not_found, fmt::format("no method '{}'", method));
  }
  current_ = id;
  is_deferred_ = false;
  try {
    const auto result = (this->*found->second)(params);
    if (!is_deferred_) reply(id, result ? *result : Json());
  } catch (const RequestError& error) {
    if (is_deferred_) waiting_.pop_back();
    fail(id, error.code, error.message);
  } catch (const std::exception& error) {
    if (is_deferred_) waiting_.pop_back();
    fail(id, ErrorCode::internal_error, fmt::format("bug of dagfix: {}", error.what()));
  }
}

void Server::process_notification(const std::string& method, const Json& params) {
  using Notification = void (Server::*)(const Json& params);
  static const std::map<std::string_view, Notification> methods{
      {"initialized", &Server::initialized},
      {"textDocument/didOpen", &Server::did_open},
      {"textDocument/didChange", &Server::did_change},
      {"textDocument/didClose", &Server::did_close},
      {"workspace/didChangeWorkspaceFolders", &Server::did_change_folders},
      {"workspace/didChangeConfiguration", &Server::did_change_configuration},
      {"workspace/didChangeWatchedFiles", &Server::did_change_watched_files},
  };
  if (method == "exit") {
    state_ = State::exited;
    return;
  }
  if (state_ != State::initialized) return;
  const auto found = methods.find(method);
  // What the server did not ask to be told it need not know.
  try {
    if (found != methods.end()) (this->*found->second)(params);
    if (method == "window/workDoneProgress/cancel") {
      const auto token = progress_tokens_.find(member(params, "token").dump());
      if (token != progress_tokens_.end()) *token->second = true;
    }
  } catch (const std::exception& error) {
    notify("window/logMessage",
           {{"type", 1}, {"message", fmt::format("{}: {}", method, error.what())}});
  }
}

void Server::notify(std::string_view method, const Json& params) {
  environment_.send(notification(method, params));
}

void Server::ask(std::string_view method, const Json& params, Handler handler) {
  const std::int64_t id = next_id_++;
  asked_.emplace(id, std::move(handler));
  environment_.send(request(id, method, params));
}

void Server::reply(const Json& id, const Json& result) { environment_.send(response(id, result)); }

void Server::fail(const Json& id, ErrorCode code, std::string_view message) {
  environment_.send(error_response(id, code, message));
}

void Server::cancel(const Json& id) {
  const auto queued = std::ranges::find_if(queue_, [&](const Json& message) {
    return message.contains("method") && message.contains("id") && message.at("id") == id;
  });
  const auto running = std::ranges::find(waiting_, id, &Waiting::id);
  if (queued != queue_.end()) {
    queue_.erase(queued);
  } else if (running != waiting_.end()) {
    *running->cancelled = true;
    waiting_.erase(running);
  } else {
    return;
  }
  fail(id, ErrorCode::request_cancelled, "cancelled by the client");
}

Server::Waiting Server::defer() {
  is_deferred_ = true;
  waiting_.push_back({current_, std::make_shared<std::atomic<bool>>(false)});
  return waiting_.back();
}

bool Server::settle(const Waiting& waiting) {
  return std::erase_if(waiting_, [&](const Waiting& other) {
           return other.cancelled == waiting.cancelled;
         }) > 0;
}

std::optional<Json> Server::initialize(const Json& params) {
  if (state_ != State::started) {
    throw RequestError(ErrorCode::invalid_request, "the server is initialized already");
  }
  if (!params.is_object()) throw RequestError(ErrorCode::invalid_params, "params are no object");
  client_ = read_capabilities(params);
  folders_.clear();
  if (const Json* const process = optional_member(params, "processId");
      process && process->is_number_integer() && environment_.watch) {
    environment_.watch(process->get<std::int64_t>());
  }
  if (const Json* const options = optional_member(params, "initializationOptions");
      options && options->is_object()) {
    initial_settings_ = section_of(*options);
    const Json* const pages = optional_member(initial_settings_, "rulePages");
    if (pages && pages->is_string()) client_.rule_pages = pages->get<std::string>();
  }
  const Json* const folders = optional_member(params, "workspaceFolders");
  if (folders && folders->is_array()) {
    for (const Json& folder : *folders) add_folder(string_of(folder, "uri"));
  } else if (const Json* const root = optional_member(params, "rootUri")) {
    if (root->is_string()) add_folder(root->get<std::string>());
  }
  state_ = State::initialized;
  return server_capabilities(client_);
}

std::optional<Json> Server::shutdown(const Json&) {
  state_ = State::shut_down;
  was_shut_down_ = true;
  while (!waiting_.empty()) cancel(Json(waiting_.back().id));
  return Json();
}

void Server::initialized(const Json&) {
  register_watchers();
  fetch_settings();
}

void Server::show(std::string_view message) {
  notify("window/showMessage", {{"type", 1}, {"message", fmt::format("dagfix: {}", message)}});
}

void Server::show_error(std::string_view message) {
  if (message == last_error_) return;
  last_error_ = message;
  show(message);
}

void Server::tell_once(const std::string& complaint) {
  if (complaints_.insert(complaint).second) show(complaint);
}

}  // namespace dagfix::lsp
