#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "runtime/collect/s3_listing.hpp"
#include "runtime/collect/services.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kBuckets = "minio/buckets.json";
constexpr const char* kListing = "minio/ls.txt";
constexpr const char* kTruncated = "minio/truncated.json";
constexpr std::size_t kMostObjects = 100'000;

// Listed to their end: steps compare them.
constexpr std::string_view kWholeBuckets[] = {"thumbnails", "staticwebsiteresults"};
constexpr std::string_view kWholeFolders[] = {"staticwebsiteresults/", "thumbnails/"};

bool is_in_whole_folder(std::string_view key) {
  return std::ranges::any_of(kWholeFolders,
                             [&](std::string_view folder) { return key.starts_with(folder); });
}

/// Asks one S3 server and writes its objects to a file, one JSON a line.
class Lister {
 public:
  Lister(HttpClient& client, Findings& findings, const std::string& file)
      : client_(client), findings_(findings), out_(file, std::ios::binary) {}

  /// The state of the last answer; ok if all of it could be listed.
  HttpAnswer list(const std::vector<std::string>& buckets) {
    HttpAnswer answer;
    answer.state = State::ok;
    for (const std::string& bucket : buckets) {
      findings_.asking("minio: " + bucket);
      const bool is_whole = std::ranges::find(kWholeBuckets, bucket) != std::end(kWholeBuckets);
      answer = list_part(bucket, "", is_whole);
      for (const std::string_view folder : kWholeFolders) {
        if (answer.state != State::ok || is_whole) break;
        answer = list_part(bucket, folder, true);
      }
      if (answer.state != State::ok) break;
    }
    out_.close();
    if (!out_) {
      answer.state = State::unreachable;
      answer.evidence = "the listing could not be written to the temporary folder";
    }
    return answer;
  }

  const std::vector<std::string>& truncated() const { return truncated_; }

 private:
  HttpAnswer list_part(const std::string& bucket, std::string_view folder, bool is_whole) {
    std::string token;
    std::size_t count = 0;
    while (true) {
      findings_.asking({});
      HttpAnswer answer = client_.get(target(bucket, folder, token));
      if (answer.state != State::ok) return explained(std::move(answer));
      const auto page = parse_object_list(answer.body);
      if (!page || (!token.empty() && page->next == token)) {
        answer.state = State::malformed;
        answer.evidence += ": " + (page ? "the same page again" : page.error());
        return answer;
      }
      for (const S3Object& object : page->objects) {
        // Those come in a part of their own.
        if (folder.empty() && !is_whole && is_in_whole_folder(object.key)) continue;
        write(bucket, object);
        ++count;
      }
      if (page->next.empty()) return answer;
      if (!is_whole && count >= kMostObjects) {
        truncated_.push_back(bucket);
        return answer;
      }
      token = page->next;
    }
  }

  // The signature is computed over parameters in this order.
  static std::string target(const std::string& bucket, std::string_view folder,
                            const std::string& token) {
    std::string query;
    if (!token.empty()) query += fmt::format("continuation-token={}&", url_encoded(token));
    query += "list-type=2&max-keys=1000";
    if (!folder.empty()) query += fmt::format("&prefix={}", url_encoded(folder));
    return fmt::format("/{}?{}", url_encoded(bucket), query);
  }

  static HttpAnswer explained(HttpAnswer answer) {
    if (const std::string error = s3_error(answer.body); !error.empty()) {
      answer.evidence += ": " + error;
    }
    return answer;
  }

  void write(const std::string& bucket, const S3Object& object) {
    const Json line = {{"status", "success"},
                       {"key", bucket + '/' + object.key},
                       {"size", object.size},
                       {"lastModified", object.modified}};
    out_ << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }

  HttpClient& client_;
  Findings& findings_;
  std::ofstream out_;
  std::vector<std::string> truncated_;
};

void ask_minio(const ProbeContext& context, Findings& findings) {
  const auto give_up = [&](State state, const std::string& evidence) {
    fail_all(findings, {kBuckets, kListing}, state, evidence);
  };
  auto options = service_options(context, "minio");
  if (!options) return give_up(State::unreachable, options.error());
  if (options->user.empty() || options->secret.empty()) {
    return give_up(State::unreachable, "not asked: set minio.user and minio.password");
  }
  options->login = HttpOptions::Login::aws_signature;
  HttpClient client(*std::move(options));
  findings.asking(kBuckets);
  const HttpAnswer answer = client.get("/");
  if (answer.state != State::ok) {
    // 404 for the root is another server, not one without buckets.
    const State state = answer.state == State::absent ? State::malformed : answer.state;
    const std::string error = s3_error(answer.body);
    return give_up(state,
                   error.empty() ? answer.evidence : fmt::format("{}: {}", answer.evidence, error));
  }
  const auto buckets = parse_bucket_list(answer.body);
  if (!buckets) {
    const bool is_built_in = !buckets.error().starts_with("not built in");
    return give_up(is_built_in ? State::malformed : State::unreachable,
                   fmt::format("{}: {}", answer.evidence, buckets.error()));
  }
  findings.put(kBuckets, Json(*buckets).dump(), answer.evidence);
  const std::string file = context.work_folder + "/minio-ls.txt";
  Lister lister(client, findings, file);
  const HttpAnswer last = lister.list(*buckets);
  if (last.state != State::ok) {
    const State state = last.state == State::absent ? State::malformed : last.state;
    return findings.fail(kListing, state, last.evidence);
  }
  findings.put_file(kListing, file, fmt::format("ListObjectsV2 of {} buckets", buckets->size()));
  findings.put(kTruncated, Json(lister.truncated()).dump(), "buckets with more objects");
}

}  // namespace

Probe minio_probe() { return {"minio", {kBuckets, kListing}, ask_minio}; }

}  // namespace dagfix::runtime
