#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include "cli/doctor_dags.hpp"
#include "runtime/bundle.hpp"
#include "runtime/file.hpp"
#include "runtime/judge.hpp"
#include "runtime/mask.hpp"
#include "runtime/report/doctor_report.hpp"
#include "runtime/report/guide_page.hpp"
#include "runtime/view/shell_script.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "syntax/tree.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix::runtime;
using dagfix::TempFolder;

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string manifest(std::string_view entries, std::string_view more = "") {
  return std::string(R"({"format": "dagfix-bundle", "version": 1, )") + std::string(more) +
         R"("entries": {)" + std::string(entries) + "}}";
}

/// Why a folder is refused; empty if it is taken.
std::string refusal(const fs::path& folder) {
  const auto bundle = load_bundle(folder.string());
  return bundle ? std::string() : bundle.error();
}

constexpr std::string_view kCanary = "c4n4ry-Wert9";

}  // namespace

TEST_CASE("Truth: Kleene's logic, and why something is unknown") {
  const Truth yes = true;
  const Truth no = false;
  const Truth maybe = Truth::unknown({State::denied, "b", "refused"});
  const Truth other = Truth::unknown({State::unreachable, "a", "timeout"});
  CHECK((maybe && no).is_no());
  CHECK((no && maybe).unseen().empty());
  CHECK((maybe || yes).is_yes());
  CHECK((maybe && yes).is_unknown());
  CHECK((!maybe).is_unknown());
  CHECK((maybe || other).unseen() ==
        std::vector<Unseen>{{State::denied, "b", "refused"}, {State::unreachable, "a", "timeout"}});
  CHECK((!no).is_yes());
  const Answer<int> denied = Unseen{State::denied, "e", "x"};
  CHECK(denied.exists().is_unknown());
  CHECK(denied.test([](int) { return false; }).is_unknown());
  CHECK(Answer<int>::absent().test([](int) { return true; }).is_no());
  CHECK(
      Answer<int>(3).map([](int n) { return n + 1; }).test([](int n) { return n == 4; }).is_yes());
}

TEST_CASE("Bundle: what is written is read again, and is for its owner only") {
  const TempFolder temp;
  const fs::path folder = fs::path(temp.path()) / "bundle";
  Bundle bundle;
  bundle.info.host = "kaapana1";
  bundle.info.taken_at = "2026-03-01T00:00:00Z";
  bundle.put("fs/small/home/version", "0.5.3\n", "read");
  bundle.put_state("k8s/pods.json", State::denied, "403");
  REQUIRE(write_bundle(bundle, folder.string()));
  CHECK((fs::status(folder / "MANIFEST.json").permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  const auto loaded = load_bundle(folder.string());
  REQUIRE(loaded);
  CHECK(loaded->warnings.empty());
  CHECK(loaded->info.host == "kaapana1");
  CHECK(*loaded->text("fs/small/home/version") == "0.5.3\n");
  CHECK(loaded->text("k8s/pods.json").state() == State::denied);
  CHECK(loaded->text("k8s/nodes.json").state() == State::unreachable);
  CHECK(write_bundle(bundle, folder.string()).error().find("not empty") != std::string::npos);
}

TEST_CASE("Bundle: a hostile folder is refused") {
  const TempFolder temp;
  const fs::path folder = fs::path(temp.path()) / "bundle";
  fs::create_directories(folder);
  CHECK(refusal(folder / "none").find("no such folder") != std::string::npos);
  SECTION("a link out of the folder") {
    fs::create_symlink("/etc/passwd", folder / "version");
    CHECK(refusal(folder).find("symbolic link") != std::string::npos);
  }
  SECTION("a linked folder") {
    fs::create_directory_symlink("/etc", folder / "fs");
    CHECK(refusal(folder).find("symbolic link") != std::string::npos);
  }
  SECTION("names that lead out") {
    for (const char* const name :
         {"../x", "/etc/passwd", "a/../../x", "a//b", "./a", "a\\\\b", "", "a/"}) {
      INFO(name);
      write(folder / "MANIFEST.json", manifest("\"" + std::string(name) + "\": {}"));
      CHECK(refusal(folder).find("the name of an entry") != std::string::npos);
    }
  }
  SECTION("manifests that are none") {
    for (const char* const text :
         {"", "{", "[]", "{}", R"({"format": "x", "version": 1})",
          R"({"format": "dagfix-bundle", "version": 2})",
          R"({"format": "dagfix-bundle", "version": "1"})",
          R"({"format": "dagfix-bundle", "version": 1, "entries": []})",
          R"({"format": "dagfix-bundle", "version": 1, "taken_at": "yesterday"})",
          R"({"format": "dagfix-bundle", "version": 1, "entries": {"a": {"state": "fine"}}})",
          R"({"format": "dagfix-bundle", "version": 1, "entries": {"a": {"size": -1}}})",
          R"({"format": "dagfix-bundle", "version": 1, "profile": {"a": 1}})"}) {
      INFO(text);
      write(folder / "MANIFEST.json", text);
      CHECK(refusal(folder).find("MANIFEST.json: ") != std::string::npos);
    }
  }
  SECTION("a manifest nested without end") {
    write(folder / "MANIFEST.json", std::string(200'000, '['));
    CHECK(refusal(folder).find("MANIFEST.json: ") != std::string::npos);
  }
}

TEST_CASE("Bundle: a file that is not what the manifest says is malformed") {
  const TempFolder temp;
  const fs::path folder = temp.path();
  write(folder / "version", "0.5.3");
  const auto state = [&](std::string_view entry) {
    write(folder / "MANIFEST.json", manifest(entry));
    const auto bundle = load_bundle(folder.string());
    REQUIRE(bundle);
    return bundle->text("version").state();
  };
  CHECK(state("\"version\": {\"sha256\": \"" + sha256("0.5.3") + "\", \"size\": 5}") == State::ok);
  CHECK(state("\"version\": {\"sha256\": \"" + sha256("0.5.4") + "\", \"size\": 5}") ==
        State::malformed);
  CHECK(state(R"("version": {"size": 6})") == State::malformed);
  CHECK(state(R"("version": {"state": "denied"})") == State::denied);
  CHECK(state(R"("other": {})") == State::unreachable);
  write(folder / "MANIFEST.json", manifest(R"("version": {})"));
  CHECK(load_bundle(folder.string())->warnings.size() == 1);
  fs::remove(folder / "MANIFEST.json");
  const auto plain = load_bundle(folder.string());
  REQUIRE(plain);
  CHECK(plain->warnings.size() == 1);
  CHECK(*plain->text("version") == "0.5.3");
}

TEST_CASE("Bundle: entries of the wrong type are malformed, not believed") {
  Bundle bundle;
  for (const char* const text : {"", "[]", "3", "\"x\"", "{", "null", "[[[[", "{\"items\": 3}",
                                 "{\"items\": [1, null, {}]}"}) {
    for (const char* const name :
         {"k8s/all.json", "k8s/pods.json", "k8s/helm-secrets.json", "sql/backend.json",
          "opensearch/repos.json", "opensearch/cat_indices.json", "keycloak/kaapana-realm.json",
          "keycloak/groups.json", "minio/ls.txt", "fs/tree.tsv", "fs/df.txt", "dumps.json"}) {
      bundle.put(name, text);
    }
    bundle.put("pg/airflow.sql", text);
    const auto book = GuideBook::load();
    REQUIRE(book);
    for (const Guide& guide : book->guides()) {
      const JudgeRequest request{bundle, &bundle, {}, guide.name, {}, {}, {}, {}};
      const auto report = judge(request, *book);
      REQUIRE(report);
      for (const std::string_view format : kDoctorFormats) {
        CHECK_FALSE(format_doctor(*report, format, true).empty());
      }
    }
  }
}

TEST_CASE("Mask: no secret gets into a bundle, and none out of it") {
  const std::string canary(kCanary);
  Bundle bundle;
  bundle.put("k8s/all.json",
             R"({"items": [{"kind": "Secret", "data": {"x": ")" + canary +
                 R"("}}, {"spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": ")" +
                 canary + R"("}]}]}}, {"data": {"internal.yml": "admin:\n  password: )" + canary +
                 R"(\n"}}, {"url": "amqp://u:)" + canary + R"(@h/"}]})");
  bundle.put("keycloak/kaapana-realm.json",
             R"({"users": [{"credentials": [{"secretData": ")" + canary + R"("}]}]})");
  bundle.put("scripts/deploy_platform.sh", "#!/bin/bash\nexport KEYCLOAK_ADMIN_PASSWORD=\"" +
                                               canary + "\" # c\nTOKEN='" + canary +
                                               "'\nLDAP_ROOTPASS=" + canary + "\n");
  bundle.put("local_settings.py",
             "SECRET_KEY = '" + canary + "'\nBROKER_URL = 'amqp://g:" + canary +
                 "@localhost//'\nDATABASES['default']['PASSWORD'] = '" + canary + "'\n");
  bundle.put("ldap/users.ldif", "dn: uid=a\nuserPassword:: " + canary + "\n");
  bundle.put("fs/small/k.pem",
             "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----\nrest\n");
  bundle.put_state("sql/x.json", State::denied, "postgres://u:" + canary + "@h: refused");
  for (const auto& [name, entry] : bundle.entries()) {
    INFO(name << ": " << entry.bytes << entry.evidence);
    CHECK(entry.bytes.find(canary) == std::string::npos);
    CHECK(entry.evidence.find(canary) == std::string::npos);
  }
  CHECK(bundle.entries().at("fs/small/k.pem").bytes.ends_with("rest\n"));
  const TempFolder temp;
  write(fs::path(temp.path()) / "scripts/deploy_platform.sh", "PASSWORD=" + canary + "\n");
  const auto loaded = load_bundle(temp.path());
  REQUIRE(loaded);
  CHECK(loaded->text("scripts/deploy_platform.sh")->find(canary) == std::string::npos);
}

TEST_CASE("Mask: empty values, defaults and references stay apart") {
  CHECK(mask_text("A_PASSWORD=\"Kaapana2020\"") == "A_PASSWORD=\"(masked, default)\"");
  CHECK(mask_text("A_PASSWORD=\"\"\nB_TOKEN=") == "A_PASSWORD=\"\"\nB_TOKEN=");
  CHECK(mask_text("A_PASSWORD=${OTHER}") == "A_PASSWORD=${OTHER}");
  CHECK(mask_text("FAST_DATA_DIR=/home # the password is elsewhere") ==
        "FAST_DATA_DIR=/home # the password is elsewhere");
  const std::string once = mask_text("X_PASSWORD=Kaapana2020 Y_PASSWORD=abc");
  CHECK(once == "X_PASSWORD=(masked, default) Y_PASSWORD=(masked)");
  CHECK(mask_text(once) == once);
  CHECK(ShellScript("A_PASSWORD=(masked, default)\n").variable("A_PASSWORD") ==
        "(masked, default)");
}

TEST_CASE("Mask: Python loses its secrets and can still be parsed") {
  const std::string canary(kCanary);
  for (const std::string code :
       {"password = '@'",
        "password: str = \"@\"",
        "self.db_password = ('@')",
        "user, token = 'u', '@'",
        "login(password='@')",
        "{'password': '@'}",
        "os.environ.get('X_PASSWORD', '@')",
        "os.getenv(\"X_TOKEN\", default=\"@\")",
        "env['SECRET'] = f'@{x}'",
        "def f(a, api_key='@'): pass",
        "def f(a, secret: str = '@'): pass",
        "if password == '@': pass",
        "SecretStr('@')",
        "def get_password():\n    return '@'",
        "password = get('a', b) or '@'",
        "url = 'amqp://u:@\x40h/'",
        "# password: @",
        "x = 'host=h password=@ user=u'",
        "password = '''@'''",
        "password = 'a' 'b@'",
        "key = \"\"\"-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----\"\"\""}) {
    INFO(code);
    std::string text = code + "\nlast = 1\n";
    text.replace(text.find('@'), 1, canary);
    const std::string masked = mask_python(text);
    CHECK_FALSE(masked.contains(canary));
    CHECK(dagfix::SyntaxTree::parse(masked).errors().empty());
    CHECK(masked.ends_with("last = 1\n"));
    CHECK(mask_python(masked) == masked);
  }
  for (const std::string_view code :
       {"password = get_password(a, b)\n", "op = Operator(name='x', env_vars={'A': 'b'})\n",
        "password = \"{{ var.value.x }}\"\n", "password = None\n"}) {
    CHECK(mask_python(code) == code);
  }
  CHECK(mask_python("pin_password = 1234") == "pin_password = \"(masked)\"");
  // What Python does not accept is masked as any text.
  CHECK_FALSE(mask_python("def (\npassword = " + canary + "\n").contains(canary));
}

namespace {

/// A platform 0.4.2 that is down, with these files of DAGs; one without text cannot be read.
Bundle with_dags(const std::map<std::string, std::string>& files) {
  Bundle bundle;
  const std::string folder = "/home/kaapana/workflows/dags";
  std::string tree;
  for (const std::string path :
       {"/home/kaapana", "/home/kaapana/workflows", folder.c_str(), "/snap/microk8s"}) {
    tree += "d\t755\t0:0\t4096\t1700000000.5\t" + path + "\n";
  }
  for (const auto& [name, text] : files) {
    tree += "f\t644\t0:0\t7\t1700000001.5\t" + folder + "/" + name + "\n";
    if (!text.empty()) bundle.put("fs/small" + folder + "/" + name, text);
  }
  bundle.put("fs/tree.tsv", tree);
  bundle.put("k8s/pods.json", R"({"kind": "List", "items": []})");
  bundle.put("scripts/deploy_platform.sh", "#!/bin/bash\nPLATFORM_VERSION=\"0.4.2\"\n");
  return bundle;
}

constexpr const char* kOldDag = R"(from airflow.models import DAG
from kaapana.operators.DagTriggerOperator import DagTriggerOperator
dag = DAG(dag_id="lung")
t = DagTriggerOperator(dag=dag, trigger_dag_id="import-dicoms-in-zip-to-internal-pacs")
)";

DoctorReport judge_dags(const Bundle& bundle, const GuideBook& book,
                        std::optional<Phase> phase = {}) {
  const JudgeRequest request{
      bundle, nullptr, {}, "kaapana-0.4-to-0.5",  phase,
      {},     {},      {}, dagfix::dag_checker(), "dagfix doctor --bundle b"};
  auto report = judge(request, book);
  REQUIRE(report);
  return *std::move(report);
}

}  // namespace

TEST_CASE("Own DAGs: what a check finds belongs to the plan") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  Bundle bundle = with_dags({{"dag_lung.py", kOldDag},
                             {"dag_collect_metadata.py", kOldDag},
                             {"dag_fine.py", "from airflow.models import DAG\nd = DAG(\"x\")\n"},
                             {"dag_large.py", ""}});
  bundle.put("sql/airflow.json", R"({
    "tables": {"dag": ["dag_id", "is_active", "is_paused", "fileloc"]},
    "queries": {"dags": {"rows": [
      ["lung", "t", "f", "/kaapana/mounted/workflows/dags/dag_lung.py"],
      ["meta", "t", "f", "/x/dags/dag_collect_metadata.py"],
      ["large", "t", "f", "/x/dags/dag_large.py"],
      ["gone", "t", "f", "/x/dags/dag_gone.py"],
      ["left", "f", "f", "/x/dags/dag_left.py"]]}}})");
  const DoctorReport report = judge_dags(bundle, *book);
  REQUIRE(report.dags);
  const DagPlan& plan = *report.dags;
  const std::string lung = "/home/kaapana/workflows/dags/dag_lung.py";
  CHECK(plan.from == "0.4.2");
  CHECK(plan.to == "0.5.3");
  CHECK(plan.checked == 3);
  CHECK(plan.shipped == 1);
  REQUIRE(plan.files.size() == 1);
  CHECK(plan.files[0].path == lung);
  CHECK(plan.files[0].errors == 1);
  CHECK(plan.files[0].dags == std::vector<std::string>{"lung"});
  CHECK(plan.without_file == std::vector<std::string>{"gone (/x/dags/dag_gone.py)"});
  CHECK(plan.without_row == std::vector<std::string>{"/home/kaapana/workflows/dags/dag_fine.py"});
  REQUIRE(plan.unseen.size() == 1);
  CHECK(plan.unseen[0].entry.ends_with("dag_large.py"));
  // The old platform cannot run what is written for the new one.
  const std::string versions = " --from 0.4.2 --to 0.5.3 ";
  CHECK(plan.commands ==
        std::vector<std::string>{"dagfix --diff --unsafe-fixes" + versions + lung});
  const DoctorReport after = judge_dags(bundle, *book, Phase::after);
  REQUIRE(after.dags->commands.size() == 2);
  CHECK(after.dags->commands[1] == "dagfix --apply" + versions + lung);
  for (const std::string_view format : kDoctorFormats) {
    INFO(format);
    CHECK(format_doctor(report, format, false).contains("dag_lung.py"));
  }
}

TEST_CASE("Own DAGs: without the folder or the table nothing is called clean") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  Bundle bundle = with_dags({});
  bundle.put("fs/errors.txt", "find: '/home/kaapana/workflows/dags': Permission denied\n");
  const DoctorReport report = judge_dags(bundle, *book);
  REQUIRE(report.dags);
  CHECK_FALSE(report.dags->is_open());
  CHECK(report.dags->is_clean().is_unknown());
  CHECK(report.dags->unseen.size() == 2);
  CHECK(judge_dags(with_dags({}), *book).dags->unseen.size() == 1);
}

TEST_CASE("Doctor: where nothing can be done, it says what has to be seen first") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  Bundle bundle = with_dags({});
  bundle.put_state("fs/tree.tsv", State::unreachable, "not asked");
  bundle.put("scripts/migration-0.4.x-0.5.x.sh", "#!/bin/bash\nkaapana-backend-postgres-data\n");
  bundle.put_state("k8s/helm-secrets.json", State::denied, "secrets is forbidden");
  const DoctorReport report = judge_dags(bundle, *book);
  CHECK_FALSE(report.stop());
  const StepResult* const next = report.next();
  REQUIRE(next);
  INFO(next_text(report));
  CHECK(next->verdict == Verdict::unknown);
  CHECK(next_text(report).contains("K05-1"));
  CHECK(next_text(report).contains("secrets is forbidden"));
  CHECK(next_text(report).contains("kubeconfig"));
  CHECK(next_commands(report).back() == "dagfix doctor --bundle b --attest K05-1=done");
}

TEST_CASE("Views: what is no answer never reads as \"there is nothing\"") {
  const std::string status =
      R"({"kind": "Status", "status": "Failure", "message": "pods is forbidden", "code": 403})";
  for (const std::string& text :
       {std::string(), std::string("{}"), status, std::string(R"({"items": 3})"),
        std::string(R"({"a": {"b": 1}})")}) {
    INFO(text);
    Bundle bundle;
    bundle.put("k8s/all.json", text);
    bundle.put("k8s/helm-secrets.json", text);
    const Kubernetes cluster(bundle);
    CHECK(cluster.all("Pod").is_unseen());
    CHECK(cluster.releases().is_unseen());
    bundle.put("k8s/pods.json", text);
    CHECK(Kubernetes(bundle).all("Pod").is_unseen());
  }
  Bundle bundle;
  bundle.put("k8s/all.json", R"({"kind": "List", "items": []})");
  CHECK(Kubernetes(bundle).all("Pod").is_ok());
  bundle.put("k8s/all.json", R"({"kind": "PodList", "items": null})");
  CHECK(Kubernetes(bundle).all("Pod").is_ok());
  bundle.put("minio/ls.txt", "");
  CHECK(ObjectListing(bundle).keys("thumbnails").is_unseen());
  bundle.put("minio/buckets.json", "[]");
  CHECK(ObjectListing(bundle).keys("thumbnails").is_absent());
  bundle.put("opensearch/repos.json", R"({"error": "security_exception", "status": 403})");
  CHECK(Search(bundle).repositories().is_unseen());
  bundle.put("sql/airflow.json", "{}");
  CHECK(Sql(bundle).has("airflow", "dag").is_unknown());
  bundle.put("sql/airflow.json",
             R"({"tables": {"import_error": ["filename"]}, "queries": {"import-errors": {}}})");
  CHECK(Sql(bundle).rows("airflow", "import-errors").is_unseen());
  const std::string line = "d\t755\t0:0\t4096\t1700000000.5\t/data\n";
  bundle.put("fs/tree.tsv", line);
  CHECK(FileTree(bundle).exists("/data/x").is_no());
  bundle.put("fs/tree.tsv", line + "d\t755\t0:0\t40");
  CHECK(FileTree(bundle).exists("/data/x").is_unknown());
}

TEST_CASE("Platform: a deploy script of the next version does not choose the guide") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  Bundle bundle;
  std::string tree;
  for (const char* const path :
       {"/home/kaapana", "/home/kaapana/postgres-access-information-point", "/snap/microk8s"}) {
    tree += fmt::format("d\t755\t0:0\t4096\t1700000000.5\t{}\n", path);
  }
  bundle.put("fs/tree.tsv", tree);
  bundle.put("scripts/deploy_platform.sh", "#!/bin/bash\nPLATFORM_VERSION=\"0.5.3\"\n");
  std::string evidence;
  const Platform platform(bundle, {});
  const Guide* const guide = detect_guide(*book, platform, evidence);
  REQUIRE(guide);
  CHECK(guide->name == "kaapana-0.4-to-0.5");
  CHECK(evidence.contains("postgres-access-information-point"));
}

TEST_CASE("Platform: charts of other versions that are left do not choose the guide") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  struct Case {
    std::vector<const char*> paths;
    const char* guide;
    const char* version;
  };
  const std::vector<Case> cases = {
      // An older and the next one beside the folders of 0.4.
      {{"postgres-access-information-point", "extensions",
        "extensions/kaapana-platform-chart-0.3.5.tgz",
        "extensions/kaapana-platform-chart-0.4.2.tgz",
        "extensions/kaapana-platform-chart-0.5.3.tgz"},
       "kaapana-0.4-to-0.5",
       "0.4.2"},
      // Only another one.
      {{"postgres-access-information-point", "extensions",
        "extensions/kaapana-platform-chart-0.3.5.tgz"},
       "kaapana-0.4-to-0.5",
       "0.4.0"},
      // The folders tell nothing: the newest.
      {{"extensions", "extensions/kaapana-platform-chart-0.2.6.tgz",
        "extensions/kaapana-platform-chart-0.3.5.tgz"},
       "kaapana-0.3-to-0.4",
       "0.3.5"},
  };
  for (const Case& one : cases) {
    INFO(one.version);
    Bundle bundle;
    std::string tree = "d\t755\t0:0\t4096\t1700000000.5\t/home/kaapana\n";
    for (const char* const path : one.paths) {
      const bool is_file = std::string_view(path).ends_with(".tgz");
      tree += fmt::format("{}\t755\t0:0\t40\t1700000000.5\t/home/kaapana/{}\n", is_file ? 'f' : 'd',
                          path);
    }
    bundle.put("fs/tree.tsv", tree);
    std::string evidence;
    const Platform platform(bundle, {});
    const Guide* const guide = detect_guide(*book, platform, evidence);
    REQUIRE(guide);
    CHECK(guide->name == one.guide);
    CHECK(to_string(platform.version()->version) == one.version);
  }
}

TEST_CASE("Views: an empty list beside an error of kubectl says nothing") {
  constexpr const char* kEmpty = R"({"apiVersion": "v1", "kind": "List", "items": []})";
  for (const auto& [line, pods, releases] :
       {std::tuple("The connection to the server x was refused - did you specify it?", true, true),
        std::tuple("Unable to connect to the server: dial tcp: i/o timeout", true, true),
        std::tuple("Error from server (Forbidden): secrets is forbidden: User x", false, true),
        std::tuple("Error from server (Forbidden): pods is forbidden: User x", true, false),
        std::tuple("Warning: v1 ComponentStatus is deprecated", false, false)}) {
    INFO(line);
    Bundle bundle;
    bundle.put("k8s/all.json", kEmpty);
    bundle.put("k8s/helm-secrets.json", kEmpty);
    bundle.put("k8s/errors.txt", line);
    const Kubernetes cluster(bundle);
    CHECK(cluster.all("Pod").is_unseen() == pods);
    CHECK(cluster.releases().is_unseen() == releases);
  }
}

TEST_CASE("File tree: absent, denied, not listed and counted are different") {
  Bundle bundle;
  bundle.put(
      "fs/tree.tsv",
      "d\t755\t0:0\t4096\t1700000000.5\t/data\nd\t700\t70:70\t4096\t1700000000.5\t/data/pg\n"
      "d\t755\t0:0\t4096\t1700000000.5\t/data/pg-x\nf\t644\t0:0\t7\t1700000001.5\t/data/pg-x/a\n"
      "d\t755\t0:0\t4096\t1700000000.5\t/data/dicom\nl\t777\t0:0\t4\t1700000000.5\t/data/link\n"
      "broken line\n");
  bundle.put("fs/errors.txt",
             "find: \u2018/data/pg\u2019: Permission denied\nfind: '/mnt/no': No such file or "
             "directory\n");
  bundle.put("fs/pruned.tsv", "100\t5000\t1700000009.5\t/data/dicom\n");
  const FileTree tree(bundle);
  CHECK(tree.find("/data/pg-x/a")->size == 7);
  CHECK(tree.find("/data//pg-x/").is_ok());
  CHECK(tree.find("/data/none").is_absent());
  CHECK(tree.find("/mnt/no").is_absent());
  CHECK(tree.find("/mnt/other").state() == State::unreachable);
  CHECK(tree.find("/data/pg/PG_VERSION").state() == State::denied);
  CHECK(tree.find("/data/dicom/x").state() == State::unreachable);
  CHECK(tree.find("/data/link/x").state() == State::unreachable);
  CHECK(tree.sum("/data/dicom")->files == 100);
  CHECK(tree.sum("/data").state() == State::denied);
  CHECK(tree.sum("/data/pg-x")->bytes == 7);
  CHECK(tree.children("/data")->size() == 4);
  CHECK(tree.below("/data/pg-x")->size() == 1);
  CHECK(tree.is_empty_folder("/data/pg-x").is_no());
  CHECK(tree.children("/data/pg").state() == State::denied);
}

TEST_CASE("Dump: tables, counts and rows are read, and what is not whole is malformed") {
  constexpr std::string_view kDump =
      "-- PostgreSQL database dump\n-- Dumped from database version 15.6\n"
      "CREATE TABLE public.dataset (\n    id integer NOT NULL,\n    name text,\n    project_id "
      "uuid,\n"
      "    CONSTRAINT c CHECK (true)\n);\n"
      "CREATE UNIQUE INDEX ix ON public.dataset USING btree (id);\n"
      "COPY public.dataset (id, name, project_id) FROM stdin;\n"
      "1\ta\\tb\t\\N\n2\tc\tu1\n\\.\n";
  Bundle bundle;
  bundle.put("pg/backend.sql", std::string(kDump) + "-- PostgreSQL database dump complete\n");
  const Sql sql(bundle);
  CHECK(*sql.count("backend", "dataset-count") == 2);
  CHECK(sql.count("backend", "workflow-count").is_absent());
  CHECK(*sql.rows("backend", "dataset-projects") ==
        std::vector<Sql::Row>{{"a\tb", std::nullopt}, {"c", "u1"}});
  CHECK(sql.has("backend", "dataset", "project_id").is_yes());
  CHECK(sql.has("backend", "dataset", "other").is_no());
  CHECK(sql.has_index("backend", "ix").is_yes());
  CHECK(*sql.server_version("backend") == "15.6");
  CHECK(sql.count("airflow", "dag-runs").state() == State::unreachable);
  for (const std::string_view broken :
       {std::string_view("PGDMP\x01"), std::string_view(""), kDump}) {
    Bundle other;
    other.put("pg/backend.sql", std::string(broken));
    CHECK(Sql(other).count("backend", "dataset-count").state() == State::malformed);
  }
}

TEST_CASE("Time: RFC 3339 and what PostgreSQL writes") {
  CHECK(to_string(*parse_time("2026-03-01T10:15:00Z")) == "2026-03-01T10:15:00Z");
  CHECK(to_string(*parse_time("2026-03-01 10:15:00.25+01")) == "2026-03-01T09:15:00Z");
  CHECK(to_string(*parse_time("2026-03-01T10:15:00-02:30")) == "2026-03-01T12:45:00Z");
  for (const char* const text :
       {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-03-01T25:00:00Z", "x"}) {
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("Profile: slashes that say nothing are left out of paths, and of paths only") {
  const std::pair<const char*, const char*> cases[] = {
      {"/home/kaapana/", "/home/kaapana"},
      {"/mnt//fast///", "/mnt/fast"},
      {"/", "/"},
      {"//", "/"},
      {"./scripts/", "./scripts/"},
      {"https://host//auth/", "https://host//auth/"},
  };
  for (const auto& [text, wanted] : cases) {
    Profile profile;
    profile.set("platform.fast", text, "test", Profile::Strength::given);
    CHECK(profile.get("platform.fast") == wanted);
  }
}

TEST_CASE("Profile: what the deploy script says, with an instance's id") {
  Bundle bundle;
  bundle.put("scripts/deploy_platform.sh",
             "#!/bin/bash\nINSTANCE_UID=\"two\"\nFAST_DATA_DIR=\"/fast\"\nSLOW_DATA_DIR='/slow' # "
             "comment\n");
  const Platform platform(bundle, {});
  CHECK(platform.fast() == "/fast-two");
  CHECK(platform.slow("minio") == "/slow-two/minio");
  CHECK(platform.profile().get("namespaces.services") == "two-services");
  CHECK(platform.profile().get("namespaces.admin") == "admin");
  Profile given;
  given.set("platform.fast", "/mine", "p.toml:1", Profile::Strength::given);
  CHECK(Platform(bundle, given).fast() == "/mine");
  CHECK(shell_quoted("a b'c") == "'a b'\\''c'");
}

TEST_CASE("Guide pages: what is committed is what the files give") {
  const auto book = GuideBook::load();
  REQUIRE(book);
  const fs::path pages = fs::path(DAGFIX_SOURCE_DIR) / "docs" / "guides";
  for (const Guide& guide : book->guides()) {
    const fs::path page = pages / (guide.name + ".md");
    const std::string text = guide_page_markdown(guide);
    if (std::getenv("DAGFIX_UPDATE_FIXTURES")) write(page, text);
    INFO(page);
    CHECK(read(page) == text);
  }
  for (const auto& entry : fs::directory_iterator(pages)) {
    INFO(entry.path());
    CHECK(book->find(entry.path().stem().string()));
  }
}
