#include "runtime/steps/k02_folders.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kOld = "_0.1.3";

Answer<std::string> airflow_version(const Step& step) {
  return step.files().pg_version(step.now().fast("postgres-airflow"));
}

/// The id that MinIO gives a folder once. Absent: it has none.
Answer<std::string> minio_id(const Step& step, const std::string& folder) {
  return step.files().text(join(folder, ".minio.sys/format.json")).map([](const std::string& text) {
    const Json format = Json::parse(text, nullptr, false);
    return format.is_object() ? text_at(format, "/id") : std::string();
  });
}

/// Files of tables in an old data folder of PostgreSQL that the new one has not, or smaller. A
/// table that somebody filled is never smaller in a copy that nobody worked on.
Answer<std::vector<std::string>> lost_tables(const Step& step, const std::string& before,
                                             const std::string& now) {
  const auto originals = step.files().below(join(before, "base"));
  if (!originals.is_ok())
    return originals.map([](const auto&) { return std::vector<std::string>(); });
  std::vector<std::string> lost;
  for (const FileInfo& file : *originals) {
    const bool is_table = file.type == 'f' && !file.name().starts_with("pg_internal") &&
                          !file.path.contains("/pgsql_tmp/");
    if (!is_table) continue;
    const std::string_view name = file.path.substr(before.size());
    const auto copy = step.files().find(now + std::string(name));
    if (copy.is_unseen()) return copy.unseen();
    if (copy.is_absent() || copy->size < file.size) lost.emplace_back(name.substr(1));
  }
  return lost;
}

/// Whether a folder that is not smaller than the old one is nevertheless the new platform's own: a
/// new database with its log may be larger than an old one with few studies. `other` tells why.
Truth is_own(const Step& step, const KeptFolder& folder, std::string& other) {
  const std::string before = old_path(step, folder);
  const std::string now = new_path(step, folder);
  if (folder.name == "minio") {
    const auto old_id = minio_id(step, before);
    const auto new_id = minio_id(step, now);
    const bool differs = old_id.is_ok() && new_id.is_ok() && *old_id != *new_id;
    if (differs) other += "minio: another .minio.sys/format.json";
    return differs;
  }
  if (folder.name != "postgres-dcm4che") return false;
  const auto lost = lost_tables(step, before, now);
  if (!lost.is_ok()) return lost.is_absent() ? Truth(false) : lost.exists();
  if (lost->empty()) return false;
  other += fmt::format("{}postgres-dcm4che: missing or smaller than in the old one: {}",
                       other.empty() ? "" : "; ", some_of(*lost));
  return true;
}

bool is_same_folder(const Step& step) { return step.now().fast() == step.now().slow(); }

}  // namespace

std::string old_fast(const Step& step) {
  const std::string& given = step.profile().get("platform.migration");
  return given.empty() ? step.now().fast() + std::string(kOld) : given;
}

std::string old_slow(const Step& step) {
  return is_same_folder(step) ? old_fast(step) : step.now().slow() + std::string(kOld);
}

std::string old_path(const Step& step, const KeptFolder& folder) {
  return join(folder.is_slow ? old_slow(step) : old_fast(step), folder.name);
}

std::string new_path(const Step& step, const KeptFolder& folder) {
  return folder.is_slow ? step.now().slow(folder.name) : step.now().fast(folder.name);
}

Truth has_new_layout(const Step& step) {
  return airflow_version(step).test(
      [](const std::string& text) { return !text.starts_with("9."); });
}

Truth has_old_layout(const Step& step) {
  return airflow_version(step).test([](const std::string& text) { return text.starts_with("9."); });
}

Copied compare_copies(const Step& step) {
  Copied result;
  for (const KeptFolder& folder : kKeptFolders) {
    const auto before = step.files().sum(old_path(step, folder));
    const auto now = step.files().sum(new_path(step, folder));
    const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
    const auto files = [](const FileTree::Sum& sum) { return sum.files; };
    // What the old platform did not have needs no copy.
    const Truth less =
        is_less(now.map(bytes), before.map(bytes)) || is_less(now.map(files), before.map(files));
    const Truth own = less.is_yes() ? Truth(false) : is_own(step, folder, result.other);
    result.all = result.all && !less && !own;
    result.none = result.none && (less || own);
    if (!less.is_yes()) continue;
    result.text += fmt::format("{}{}: {} of {} files", result.text.empty() ? "" : ", ", folder.name,
                               now.is_ok() ? now->files : 0, before->files);
  }
  result.all = result.all && step.files().exists(old_fast(step));
  return result;
}

Truth has_old_rows(Step& step) {
  const Truth any = step.now().sql().count("pacsdb", "series-count").test([](std::uint64_t count) {
    return count > 0;
  });
  const Truth runs = step.now().is_running();
  if (!runs.is_yes() || any.is_no()) return runs && any;
  const Compared rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  return any && !rows.any_fewer;
}

void judge_k02_07(Step& step) {
  const FileTree& files = step.files();
  const std::string old = old_fast(step);
  const Truth is_moved = files.exists(old);
  const std::string name = step.now().fast().substr(step.now().fast().rfind('/') + 1);
  const Truth slow_left = !is_same_folder(step) && is_moved && !files.exists(old_slow(step));
  Truth has_all = true;
  for (const KeptFolder& folder : kKeptFolders) {
    has_all = has_all && files.exists(old_path(step, folder));
  }
  step.set("old", old);
  step.set("old-slow", old_slow(step));
  step.decide("nested", files.exists(join(old, name)));
  step.decide("both", is_moved && has_old_layout(step));
  step.decide("started-on-old", !is_moved && has_old_layout(step) && step.is_after());
  step.decide("slow-left", slow_left);
  step.decide("moved", is_moved && has_all);
  step.decide("incomplete", is_moved && !has_all);
  step.decide("over", !is_moved && has_new_layout(step));
  step.decide("not-moved", !is_moved && files.exists(step.now().fast()));
  step.trap("T10", slow_left);
}

void judge_k02_11(Step& step) {
  const FileTree& files = step.files();
  Truth nested = false;
  for (const KeptFolder& folder : kKeptFolders) {
    nested = nested || files.exists(join(new_path(step, folder), folder.name));
  }
  const Copied copies = compare_copies(step);
  const Truth runs = step.now().is_running();
  const Truth locked = files.exists(step.now().fast("postgres-dcm4che/postmaster.pid"));
  const Truth lacks_server = !is_same_folder(step) &&
                             files.exists(join(old_fast(step), "dcm4che/server_data")) &&
                             !files.exists(step.now().slow("dcm4che/server_data"));
  std::vector<std::string> commands;
  for (const KeptFolder& folder : kKeptFolders) {
    const std::string to = shell_quoted(new_path(step, folder));
    commands.push_back("sudo rm -rf " + to);
    commands.push_back(fmt::format("sudo cp -a {} {}", shell_quoted(old_path(step, folder)), to));
  }
  if (!is_same_folder(step)) {
    commands.push_back(fmt::format("sudo cp -a {} {}",
                                   shell_quoted(join(old_fast(step), "dcm4che/server_data")),
                                   shell_quoted(step.now().slow("dcm4che/server_data"))));
  }
  step.set_commands("copies", commands);
  const Truth has_rows = has_old_rows(step);
  step.set("left", copies.text.empty() ? copies.other : copies.text);
  step.set("old", old_fast(step));
  step.decide("over", !files.exists(old_fast(step)) && has_new_layout(step));
  step.decide("not-moved", !files.exists(old_fast(step)));
  step.decide("nested", nested);
  const bool is_database_only = copies.text.empty() && copies.other.starts_with("postgres");
  step.decide("changed", has_rows && !copies.all && Truth(is_database_only));
  step.decide("less", has_rows && !copies.all);
  step.decide("running", runs && !copies.all && !copies.none && !has_rows);
  step.decide("not-begun", copies.none);
  step.decide("unclean", locked && !runs);
  step.decide("server-data", lacks_server);
  step.decide("own", !copies.all && Truth(copies.text.empty() && !copies.other.empty()));
  // Nothing is to be copied over what 0.2 perhaps works on.
  step.decide("part", !copies.all && !has_rows);
  step.decide("copied", copies.all && !nested && !lacks_server);
  step.trap("T10", lacks_server);
}

void judge_k02_12(Step& step) {
  constexpr std::uint32_t kOwner = 1023;
  const std::string folder = step.now().slow("dcm4che/server_data");
  const auto files = step.files().below(folder);
  const auto top = step.files().find(folder);
  std::vector<std::string> wrong;
  std::size_t all = 0;
  const auto look_at = [&](const FileInfo& file) {
    ++all;
    if (file.uid != kOwner || file.gid != kOwner) wrong.emplace_back(file.path);
  };
  if (files.is_ok() && top.is_ok()) {
    look_at(*top);
    for (const FileInfo& file : *files) look_at(file);
  }
  const auto images = step.files().find(step.now().slow("dcm4che/dicom_data"));
  if (images.is_ok()) {
    step.evidence(fmt::format("{}: owner {}:{}", images->path, images->uid, images->gid));
  }
  step.set("folder", folder);
  step.set("wrong", some_of(wrong));
  step.decide("missing", !top.exists() && has_new_layout(step));
  step.decide("not-made", !top.exists());
  step.decide("others", files.exists() && Truth(wrong.size() == all));
  step.decide("some", files.exists() && Truth(!wrong.empty()));
  step.decide("owned", files.exists() && Truth(wrong.empty()));
}

void judge_k02_18(Step& step) {
  const Truth is_there = step.files().exists(old_fast(step));
  const auto now = step.now().sql().count("pacsdb", "series-count");
  const auto before = step.baseline() ? step.baseline()->sql().count("pacsdb", "series-count")
                                      : Answer<std::uint64_t>(no_baseline());
  step.set("old", old_fast(step));
  step.decide("kept", is_there && !is_less(now, before));
  step.decide("needed", is_there);
  step.decide("not-moved", !is_there && has_old_layout(step));
  step.decide("too-early", !is_there && has_new_layout(step) && is_less(now, before));
  step.decide("deleted", !is_there && has_new_layout(step) && !is_less(now, before));
}

}  // namespace dagfix::runtime
