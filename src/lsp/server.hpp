#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/capabilities.hpp"
#include "lsp/check.hpp"
#include "lsp/document.hpp"
#include "lsp/fixes.hpp"
#include "lsp/folder.hpp"
#include "lsp/host.hpp"
#include "lsp/rpc.hpp"

namespace dagfix::lsp {

/// The language server as a function of messages: it reads and writes nothing itself, and waits for
/// nothing. All of it runs on one thread but the work that it gives to Environment::start.
class Server {
 public:
  using Clock = std::chrono::steady_clock;

  struct Environment {
    std::function<void(std::string body)> send;
    /// Runs the work elsewhere, and then what it returns here.
    std::function<void(std::function<std::function<void()>()> work)> start;
    /// Runs something here; may be called from anywhere.
    std::function<void(std::function<void()>)> post;
    /// Ends the server when a process ends.
    std::function<void(std::int64_t process)> watch;
    std::function<Clock::time_point()> now = [] { return Clock::now(); };
  };

  Server(Host& host, Environment environment);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Tells all work that was started to end soon.
  void stop();

  /// Takes a message in. Cancelling works at once, the rest when work() gets to it.
  void receive(std::string_view body);
  /// Tells the client that something was no message.
  void receive_problem(std::string_view problem);
  /// Does one thing: answers a message or, if there is none, analyses a document. False if there is
  /// nothing to do before deadline().
  bool work();
  /// When there will be something to do without a message.
  std::optional<Clock::time_point> deadline() const;

  bool has_exited() const { return state_ == State::exited; }
  /// 0 if the client said "shutdown" before "exit", else 1.
  int exit_code() const { return was_shut_down_ ? 0 : 1; }

 private:
  enum class State : std::uint8_t { started, initialized, shut_down, exited };
  using Handler = std::function<void(const Json& response)>;
  /// Answers a request; nothing: it will be answered later.
  using Method = std::optional<Json> (Server::*)(const Json& params);

  /// Work on all files of folders that a request waits for.
  struct Waiting {
    Json id;
    std::shared_ptr<std::atomic<bool>> cancelled;
  };

  // server.cpp: messages
  void process(const Json& message);
  void process_request(const Json& id, const std::string& method, const Json& params);
  void process_notification(const std::string& method, const Json& params);
  void notify(std::string_view method, const Json& params);
  void ask(std::string_view method, const Json& params, Handler handler);
  void reply(const Json& id, const Json& result);
  void fail(const Json& id, ErrorCode code, std::string_view message);
  void cancel(const Json& id);
  /// Lets the running request be answered later; it can be cancelled until then.
  Waiting defer();
  /// Whether a deferred request still wants its answer; forgets it.
  bool settle(const Waiting& waiting);
  std::optional<Json> initialize(const Json& params);
  std::optional<Json> shutdown(const Json& params);
  void initialized(const Json& params);
  void show(std::string_view message);
  /// What is wrong with the settings: once, until they change.
  void show_error(std::string_view message);
  /// What is wrong with dagfix: once.
  void tell_once(const std::string& complaint);

  // server_documents.cpp: texts and diagnostics
  void did_open(const Json& params);
  void did_change(const Json& params);
  void did_close(const Json& params);
  Document& document_of(const Json& params);
  /// The diagnostics of an open document, or of one that is not; nothing: they have to be waited
  /// for.
  std::optional<Json> items_now(Document& document);
  std::optional<Json> items_on_disk(const std::string& uri);
  void look_at(Document& document);
  /// Makes the analysis that of the text as it is, with fixes.
  void ensure_analysed(Document& document);
  /// Lets the other files see what the document says now.
  void tell_others(Document& document);
  void bring_up(Document& document, Effort effort);
  void publish(Document& document);
  Document* stale_document();
  /// Whether nothing is known of the document, and soon something will.
  bool waits_for_survey(const Document& document) const;
  bool confirm_one();
  void refresh_diagnostics();
  std::optional<Json> pull(const Json& params);
  void mark_others_stale(const Document& document);

  // server_features.cpp: what the cursor asks for
  std::optional<Json> code_action(const Json& params);
  std::optional<Json> resolve_action(const Json& params);
  std::optional<Json> hover(const Json& params);
  std::optional<Json> completion(const Json& params);
  /// A document, open or not, as it is when its safe fixes are made.
  std::optional<Json> migrated_text(const Json& params);

  // server_folders.cpp: folders, settings, what is on disk
  void add_folder(const std::string& uri);
  Folder& folder_for(Document& document, const std::optional<std::string>& path);
  /// Where in the workspace a file lies, whatever links its path goes by.
  struct Place {
    Folder* folder = nullptr;  ///< Null: in none of its folders.
    std::string path;          ///< Below the folder.
  };
  Place place_of(const std::string& path);
  /// The folder of the workspace that an argument {"folder": uri} names, else all of them.
  std::vector<const Folder*> folders_of(const Json& argument) const;
  void remove_folder(const std::string& uri);
  void did_change_folders(const Json& params);
  void did_change_configuration(const Json& params);
  void did_change_watched_files(const Json& params);
  void fetch_settings();
  void register_watchers();
  void want_survey(Folder& folder, std::chrono::milliseconds delay);
  SurveyRequest request_for(const Folder& folder) const;
  void start_survey(Folder& folder);
  /// Tries again what waited for folders to be read.
  void retry_pulls();
  void finish_survey(const std::string& key,
                     const std::expected<std::shared_ptr<Survey>, std::string>& result);
  bool start_due_survey();

  // server_workspace.cpp: all files of folders
  std::optional<Json> pull_workspace(const Json& params);
  std::optional<Json> execute_command(const Json& params);
  std::optional<Json> migrate_file(const Json& params, const Json& argument);
  std::optional<Json> migrate_workspace(const Json& params, const Json& argument);
  std::optional<Json> show_plan(const Json& params, const Json& argument);
  std::optional<Json> rule_page(const Json& argument);
  /// Tells why a change that was asked for cannot be made, and throws it.
  void refuse_complaint(const Change& change);
  void apply_edit(const Waiting& waiting, std::string_view label, Json edit, Json result);
  std::vector<SurveyRequest> requests_for(const Json& argument, const Waiting& waiting,
                                          const Json& params, const std::string& title);
  std::shared_ptr<Progress> progress_of(const Json& params, std::string title,
                                        std::shared_ptr<std::atomic<bool>> cancelled);
  OpenFiles open_files() const;
  /// Answers a deferred request with why it came to nothing.
  void give_up(const Waiting& waiting, std::string_view error);
  /// Replaces what is said of open files, whose texts have changed since.
  void take_in_open(Checked& checked);
  /// Checks folders and answers the running request with what `answer` makes of it.
  void check_all(const Json& argument, const Json& params, const std::string& title,
                 std::function<Json(const Checked&)> answer);

  Host& host_;
  Environment environment_;
  State state_ = State::started;
  bool was_shut_down_ = false;
  Capabilities client_;
  Json initial_settings_;
  std::deque<Json> queue_;
  Json current_;  // id of the request that is being answered
  bool is_deferred_ = false;
  std::vector<Waiting> waiting_;
  std::vector<std::pair<Waiting, Json>> pulls_;  // that wait for the folder to be looked at
  std::int64_t next_id_ = 1;
  std::map<std::int64_t, Handler> asked_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>> progress_tokens_;
  std::map<std::string, Document, std::less<>> documents_;
  std::map<std::string, Folder, std::less<>> folders_;
  std::set<std::string, std::less<>> shown_migrated_;   // documents that the client shows fixed
  std::set<std::string, std::less<>> pulled_unopened_;  // what was said of them may be old
  std::optional<Clock::time_point> confirm_at_;
  std::uint64_t revision_ = 0;  // of all that diagnostics of closed files depend on
  std::optional<Checked> checked_;
  std::uint64_t checked_revision_ = 0;
  std::string last_error_;
  std::set<std::string> complaints_;
};

}  // namespace dagfix::lsp
