#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/collect/dump.hpp"
#include "runtime/collect/files.hpp"
#include "runtime/collect/http.hpp"
#include "runtime/collect/kubeconfig.hpp"
#include "runtime/collect/probe.hpp"
#include "runtime/collect/s3_listing.hpp"
#include "runtime/collect/secret.hpp"
#include "runtime/collect/sql.hpp"
#include "runtime/collect/walk.hpp"
#include "runtime/view/sql.hpp"
#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix::runtime;

/// A new folder that is gone at the end of the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "dagfix-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }
  std::string write(const std::string& name, const std::string& bytes) const {
    const fs::path path = *this / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

 private:
  std::string path_;
};

DumpSummary summary_of(const std::string& text, std::size_t part = 7) {
  DumpReader reader;
  for (std::size_t at = 0; at < text.size(); at += part) reader.add(text.substr(at, part));
  return reader.finish();
}

const std::string kDump =
    "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.6 (Debian "
    "15.6-1)\n\n"
    "CREATE TABLE public.dataset (\n    id integer NOT NULL,\n    \"name\" text,\n"
    "    CONSTRAINT c CHECK (id > 0)\n);\n\n"
    "COPY public.dataset (id, name) FROM stdin;\n1\ta\n2\tb\\nc\n\\.\n\n"
    "COPY public.empty (id) FROM stdin;\n\\.\n\n";
const std::string kDumpEnd = "--\n-- PostgreSQL database dump complete\n--\n\n";

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
         "contexts:\n- name: main\n  context: {cluster: c, user: u}\n"
         "- name: other\n  context: {cluster: nowhere, user: u}\n"
         "clusters:\n- name: c\n  cluster: " +
         cluster + "\nusers:\n- name: u\n  user: " + user + "\n";
}

}  // namespace

TEST_CASE("Dumps: a complete one tells tables, rows and columns, however it is cut into parts") {
  for (const std::size_t part : {1, 7, 4096}) {
    const DumpSummary dump = summary_of(kDump + kDumpEnd, part);
    CHECK(dump.kind == "plain");
    CHECK(dump.head == "-- PostgreSQL database dump");
    CHECK(dump.complete);
    CHECK_FALSE(dump.crlf);
    CHECK(dump.server_version == "15.6");
    CHECK(dump.size == (kDump + kDumpEnd).size());
    CHECK(dump.tables == std::map<std::string, std::uint64_t>{{"dataset", 2}, {"empty", 0}});
    CHECK(dump.columns.at("dataset") == std::vector<std::string>{"id", "name"});
  }
}

TEST_CASE("Dumps: without its last comment it is not complete") {
  CHECK_FALSE(summary_of(kDump).complete);
  const std::string cut = (kDump + kDumpEnd).substr(0, kDump.size() - 30);
  CHECK_FALSE(summary_of(cut).complete);
}

TEST_CASE("Dumps: the mark of one database does not complete a cluster dump") {
  const std::string cluster = "--\n-- PostgreSQL database cluster dump\n--\n\n" + kDump + kDumpEnd;
  CHECK_FALSE(summary_of(cluster).complete);
  CHECK(summary_of(cluster + "--\n-- PostgreSQL database cluster dump complete\n--\n").complete);
}

TEST_CASE("Dumps: a row that looks like the end is a row") {
  const std::string text = "-- PostgreSQL database dump\nCOPY public.t (a) FROM stdin;\n" +
                           std::string("-- PostgreSQL database dump complete\n");
  CHECK_FALSE(summary_of(text).complete);
}

TEST_CASE("Dumps: line ends of a terminal are seen") {
  std::string text;
  for (const char c : kDump + kDumpEnd) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const DumpSummary dump = summary_of(text);
  CHECK(dump.crlf);
  CHECK(dump.complete);
  CHECK(dump.tables.at("dataset") == 2);
}

TEST_CASE("Dumps: other kinds of files are told apart") {
  CHECK(summary_of("").kind == "empty");
  CHECK(summary_of("PGDMP\x01\x0e", 4096).kind == "custom");
  CHECK(summary_of("pg_dump: error: connection failed\n").kind == "other");
  const DumpSummary long_line = summary_of(
      "-- PostgreSQL database dump\n" + std::string(300'000, 'x') + "\n" + kDumpEnd, 4096);
  CHECK(long_line.complete);
}

TEST_CASE("Dumps: the first line is masked") {
  CHECK(summary_of("PASSWORD=geheim123\n").head.find("geheim123") == std::string::npos);
}

TEST_CASE("S3: pages of objects are read") {
  const auto page = parse_object_list(
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<IsTruncated>true</IsTruncated><NextContinuationToken>a+/=</NextContinuationToken>"
      "<Contents><Key>a &amp; b/1.png</Key><Size>5000000000</Size>"
      "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>");
  REQUIRE(page);
  REQUIRE(page->objects.size() == 1);
  CHECK(page->objects[0].key == "a & b/1.png");
  CHECK(page->objects[0].size == 5'000'000'000);
  CHECK(page->next == "a+/=");
}

TEST_CASE("S3: what is no listing is an error") {
  CHECK_FALSE(parse_object_list("<html><body>Login</body></html>"));
  CHECK_FALSE(parse_object_list("<ListBucketResult><Contents><Key>a</Key>"));
  CHECK_FALSE(
      parse_object_list("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  CHECK_FALSE(parse_object_list(""));
  CHECK_FALSE(parse_bucket_list("<Error><Code>AccessDenied</Code></Error>"));
  CHECK(s3_error("<Error><Code>AccessDenied</Code><Message>No.</Message></Error>") ==
        "AccessDenied: No.");
}

TEST_CASE("S3: entities of a document type are not expanded") {
  const auto page = parse_object_list(
      "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><ListBucketResult><Contents>"
      "<Key>&e;</Key></Contents></ListBucketResult>");
  REQUIRE(page);
  CHECK(page->objects.at(0).key == "&e;");
}

TEST_CASE("S3: names of buckets are read") {
  const auto names = parse_bucket_list(
      "<ListAllMyBucketsResult><Owner/><Buckets><Bucket><Name>a</Name></Bucket>"
      "<Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>");
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("Kubeconfig: client certificate, token and authority are taken") {
  const auto options = parse_kubeconfig(
      kubeconfig("{server: 'https://10.0.0.1:16443/', certificate-authority-data: Y2E=, "
                 "tls-server-name: kubernetes}",
                 "{client-certificate-data: Y2VydA==, client-key: keys/k.pem, token: abc}"),
      "/home/u/.kube", "");
  REQUIRE(options);
  CHECK(options->base == "https://10.0.0.1:16443");
  CHECK(options->ca_pem == "ca");
  CHECK(options->cert_pem == "cert");
  CHECK(options->key_file == "/home/u/.kube/keys/k.pem");
  CHECK(options->server_name == "kubernetes");
  CHECK(options->login == HttpOptions::Login::bearer);
  CHECK(std::string(options->secret.reveal()) == "abc");
}

TEST_CASE("Kubeconfig: what dagfix does not do is refused, and said") {
  const std::string good = "{server: 'https://h'}";
  const auto error = [](const std::string& cluster, const std::string& user,
                        std::string_view context = {}) {
    const auto options = parse_kubeconfig(kubeconfig(cluster, user), "/", context);
    return options ? std::string() : options.error();
  };
  CHECK(error(good, "{}").empty());
  CHECK(error("{server: 'https://h', insecure-skip-tls-verify: true}", "{}")
            .find("verifies always") != std::string::npos);
  CHECK(error("{server: 'http://h'}", "{}").find("no https://") != std::string::npos);
  CHECK(error(good, "{exec: {command: aws}}").find("runs none") != std::string::npos);
  CHECK(error(good, "{client-certificate-data: '!!'}").find("no base64") != std::string::npos);
  CHECK(error(good, "{}", "missing").find("no context 'missing'") != std::string::npos);
  CHECK(error(good, "{}", "other").find("no cluster 'nowhere'") != std::string::npos);
  CHECK_FALSE(parse_kubeconfig("- a list", "/", ""));
  CHECK_FALSE(parse_kubeconfig("a: [", "/", ""));
}

TEST_CASE("Kubeconfig: an error does not quote the file") {
  const auto options = parse_kubeconfig("users:\n- token: \"hush-hush\n", "/", "");
  REQUIRE_FALSE(options);
  CHECK(options.error().find("hush") == std::string::npos);
}

TEST_CASE("SQL: only one SELECT or SHOW is let through") {
  CHECK(is_reading_statement("SELECT 1"));
  CHECK(is_reading_statement("  select\n1"));
  CHECK(is_reading_statement("SHOW server_version"));
  for (const char* const sql :
       {"", "SELECT", "SELECTED 1", "SELECT 1; DROP TABLE x", "INSERT INTO x",
        "WITH a AS (DELETE FROM x RETURNING 1) SELECT 1", "-- \nSELECT 1",
        "EXPLAIN ANALYZE DELETE FROM x", "SET default_transaction_read_only=off"}) {
    INFO(sql);
    CHECK_FALSE(is_reading_statement(sql));
  }
}

TEST_CASE("SQL: every query of the rules is one that is let through") {
  const auto queries = load_queries();
  REQUIRE(queries);
  CHECK(queries->size() > 20);
  for (const Query& query : *queries) {
    INFO(query.database << '.' << query.name);
    CHECK(is_reading_statement(sql_of(query)));
    CHECK(sql_of(query).find("FOR UPDATE") == std::string::npos);
  }
}

TEST_CASE("SQL: a query becomes one statement") {
  Query query;
  query.table = "dag_run";
  query.columns = {"dag_id", "state"};
  query.where = {{"dag_id", {"a", "it's"}}, {"end_date", {std::nullopt}}};
  query.kind = Query::Kind::rows;
  CHECK(sql_of(query) ==
        "SELECT t.\"dag_id\"::text, t.\"state\"::text FROM \"dag_run\" AS t WHERE "
        "(t.\"dag_id\"::text IN ('a', 'it''s')) AND (t.\"end_date\" IS NULL) ORDER BY 1, 2 LIMIT "
        "100000");
  Query orphans;
  orphans.table = "series";
  orphans.columns = {"study_fk"};
  orphans.references = "study.pk";
  orphans.kind = Query::Kind::orphans;
  CHECK(sql_of(orphans) ==
        "SELECT count(*) FROM \"series\" AS t WHERE t.\"study_fk\" IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM \"study\" AS r WHERE r.\"pk\" = t.\"study_fk\")");
}

TEST_CASE("Secrets: they come from where the profile says, and from nowhere else") {
  const Folder folder;
  Profile profile;
  CHECK(read_secret(profile, "minio.password")->empty());
  profile.set_secret("minio.password",
                     {SecretReference::Kind::file, folder.write("p", "geheim\n")});
  CHECK(std::string(read_secret(profile, "minio.password")->reveal()) == "geheim");
  profile.set_secret("minio.password", {SecretReference::Kind::file, folder / "missing"});
  CHECK_FALSE(read_secret(profile, "minio.password"));
  profile.set_secret("minio.password", {SecretReference::Kind::environment, "DAGFIX_NOT_SET"});
  CHECK_FALSE(read_secret(profile, "minio.password"));
}

TEST_CASE("URLs: all but the unreserved characters are encoded") {
  CHECK(url_encoded("a-b_c.d~1") == "a-b_c.d~1");
  CHECK(url_encoded("a+/= ü") == "a%2B%2F%3D%20%C3%BC");
}

TEST_CASE("Listing: lines have the form of find, links are not followed") {
  const Folder folder;
  folder.write("a/PG_VERSION", "15\n");
  fs::create_symlink("a", folder / "link");
  fs::permissions(folder / "a/PG_VERSION", fs::perms(0640));
  WalkOptions options;
  options.wants = [](std::string_view path) { return path.ends_with("PG_VERSION"); };
  const Listing listing = list_folders({{folder / "a/.."}, {folder / "gone"}}, options);
  CHECK(listing.tree.find("f\t640\t") != std::string::npos);
  CHECK(listing.tree.find("l\t777\t") != std::string::npos);
  CHECK(listing.tree.find("link/PG_VERSION") == std::string::npos);
  CHECK(listing.wanted.size() == 1);
  CHECK(listing.errors == "find: '" + (folder / "gone") + "': No such file or directory\n");
}

TEST_CASE("Listing: folders are counted when they are asked to be, or when they are large") {
  const Folder folder;
  for (int i = 0; i < 10; ++i) folder.write("root/large/deep/" + std::to_string(i), "12345");
  for (int i = 0; i < 3; ++i) folder.write("root/named/" + std::to_string(i), "1");
  folder.write("root/small/0", "");
  WalkOptions options;
  options.most_files = 8;
  options.prune = {folder / "root/named"};
  const Listing listing = list_folders({{folder / "root"}}, options);
  CHECK(listing.tree.find("large/deep\n") != std::string::npos);
  CHECK(listing.tree.find("large/deep/1") == std::string::npos);
  CHECK(listing.tree.find("named/1") == std::string::npos);
  CHECK(listing.tree.find("small/0") != std::string::npos);
  CHECK(listing.pruned.find("10\t50\t") != std::string::npos);
  CHECK(listing.pruned.find("3\t3\t") != std::string::npos);
}

TEST_CASE("Probes: what one finds is merged, and progress is told by one thread only") {
  std::vector<Probe> probes;
  for (int i = 0; i < 20; ++i) {
    probes.push_back({"p", {"e" + std::to_string(i)}, [i](const ProbeContext&, Findings& findings) {
                        findings.asking("e" + std::to_string(i));
                        findings.put("e" + std::to_string(i), "x", "");
                      }});
  }
  probes.push_back(
      {"bad", {"bad"}, [](const ProbeContext&, Findings&) { throw std::runtime_error("oops"); }});
  const auto self = ::gettid();
  const Bundle bundle =
      run_probes(probes, ProbeContext(), [&](std::string_view) { CHECK(::gettid() == self); });
  CHECK(bundle.entries().size() == 21);
  CHECK(bundle.find("bad")->state == State::malformed);
}

TEST_CASE("Answers: a 404 without JSON says nothing") {
  Findings findings([](std::string_view) {});
  HttpAnswer answer;
  answer.state = State::absent;
  answer.body = "<html>404</html>";
  findings.put_json("a.json", answer);
  CHECK(findings.bundle().find("a.json")->state == State::malformed);
  answer.body = "{}";
  findings.put_json("b.json", answer);
  CHECK(findings.bundle().find("b.json")->state == State::absent);
}
