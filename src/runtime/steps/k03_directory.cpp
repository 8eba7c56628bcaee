#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"
#include "runtime/view/ldap.hpp"

namespace dagfix::runtime {

namespace {

/// What update-data of a version leaves in the directory (slapd-dcm4chee, ldap/data): ldapmodify
/// stops at the first error of a file, so each entry that it changes is looked at. 5.28.0 is not
/// here: 5.32.0 removes it again; nor 5.29.0, which only changes what a default installation lacks.
struct Trace {
  std::string_view version;
  std::string_view entry;  ///< How its name begins; of an empty one, that of the device.
  std::string_view attribute;
  std::string_view value;  ///< Empty: any.
};

constexpr std::array<Trace, 12> kTraces{{
    {"5.29.1", "", "hl7PSUStudyTemplateURI", ""},
    {"5.29.1", "dcmentity=instance,", "dcmTag", "0040A360"},
    {"5.29.2", "dcmentity=series,", "dcmTag", "0008103F"},
    {"5.29.2", "dcmentity=instance,", "dcmTag", "00082228"},
    {"5.29.2", "dcmentity=instance,", "dcmTag", "00620002"},
    {"5.30.0", "dcmentity=mwl,", "dcmTag", "00741202"},
    {"5.31.0", "", "dcmDeleteStudyInterval", ""},
    {"5.31.0", "dcmstorageid=fs1,", "dcmCheckMountFilePath", ""},
    {"5.31.1", "dcmentity=instance,", "dcmTag", "0040E001"},
    {"5.32.0", "dcmentity=study,", "dcmTag", "00401012"},
    {"5.32.0", "dcmentity=series,", "dcmTag", "00081070"},
    {"5.32.0", "dcmentity=series,", "dcmTag", "00081072"},
}};

bool is_in(const Ldap::Entries& entries, const Trace& trace) {
  return std::ranges::any_of(entries, [&](const Ldap::Entry& entry) {
    const bool is_it = trace.entry.empty() ? entry.name.starts_with("dicomdevicename=")
                                           : entry.name.starts_with(trace.entry);
    if (!is_it) return false;
    return trace.value.empty() ? entry.has(trace.attribute)
                               : entry.has(trace.attribute, trace.value);
  });
}

/// The archive's device; other devices are what it talks to.
Answer<Ldap::Entries> archive(const Ldap& ldap) {
  return ldap.below("dicomDeviceName=kaapana,cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org");
}

/// Whether none of the images of pods is older than 0.3.
std::string old_image(const Kubernetes::Objects& pods) {
  for (const Json* pod : pods) {
    for (const std::string& image : images_of(*pod)) {
      const auto version = parse_platform_version(tag_of(image));
      if (version && version->version < Version{0, 3, 0}) return image;
    }
  }
  return {};
}

}  // namespace

void judge_k03_14a(Step& step) {
  const Ldap ldap(step.now().bundle());
  const auto pods = pods_of_app(step, "ldap");
  const std::string image = pods.is_ok() ? old_image(*pods) : std::string();
  const Truth is_new = ldap.has_attribute_type("dcmCheckMountFilePath");
  step.set("image", image);
  step.decide("updated", is_new);
  step.decide("old-image", !is_new && Truth(!image.empty()));
  step.decide("old", !is_new);
}

void judge_k03_14b(Step& step) {
  const Ldap ldap(step.now().bundle());
  const auto entries = archive(ldap);
  std::vector<std::string> missing;
  bool is_gap = false;
  bool any = false;
  bool has_readers = true;
  if (entries.is_ok()) {
    for (const Trace& trace : kTraces) {
      const bool is_there = is_in(*entries, trace);
      any = any || is_there;
      is_gap = is_gap || (is_there && !missing.empty() && missing.back() != trace.version);
      if (is_there || (!missing.empty() && missing.back() == trace.version)) continue;
      missing.emplace_back(trace.version);
    }
    has_readers = std::ranges::any_of(*entries, [](const Ldap::Entry& entry) {
      return entry.name.starts_with("dicomtransfersyntax=1.2.840.10008.1.2.4.201,");
    });
  }
  std::vector<std::string> commands;
  for (const std::string& version : missing) {
    commands.push_back(fmt::format(
        "kubectl -n {} exec deploy/ldap -- env ARCHIVE_DEVICE_NAME=kaapana update-data {}",
        shell_quoted(step.profile().get("namespaces.services")), version));
  }
  step.set_commands("updates", commands);
  step.set("missing", fmt::format("{}", fmt::join(missing, ", ")));
  const Truth is_read = entries.exists();
  const bool has_device = entries.is_ok() && !entries->empty();
  step.decide("no-device", is_read && Truth(!has_device));
  step.decide("gap", is_read && Truth(is_gap));
  step.decide("updated", is_read && Truth(missing.empty()));
  step.decide("part", is_read && Truth(any));
  step.decide("none", is_read && Truth(!any));
  step.trap("T07", is_read && Truth(has_device && any && !has_readers));
}

void judge_k03_14c(Step& step) {
  const Ldap ldap(step.now().bundle());
  const auto auth = ldap.members("auth");
  const auto user = ldap.members("user");
  const auto has = [](const Answer<std::vector<std::string>>& role, std::string_view name) {
    return role.test(
        [&](const auto& names) { return std::ranges::find(names, name) != names.end(); });
  };
  const auto shown = [](const Answer<std::vector<std::string>>& role) {
    return role.is_ok() ? fmt::format("{}", fmt::join(*role, ", ")) : std::string();
  };
  step.set("auth", shown(auth));
  step.set("user", shown(user));
  const Truth all = has(auth, "user") && has(auth, "admin") && has(auth, "root");
  const Truth is_mixed = has(user, "root") || has(user, "admin");
  step.decide("missing", !auth.exists());
  step.decide("no-user", auth.exists() && !has(auth, "user"));
  step.decide("as-in-guide", auth.exists() && !all);
  step.decide("mixed", all && is_mixed);
  step.decide("assigned", all && user.exists() && !is_mixed);
  step.trap("T06", auth.exists() && has(auth, "user") && !has(auth, "admin"));
}

void judge_k03_15(Step& step) {
  const auto entries = archive(Ldap(step.now().bundle()));
  std::optional<Time> changed;
  if (entries.is_ok()) {
    for (const Ldap::Entry& entry : *entries) {
      const auto values = entry.values.find("modifytimestamp");
      if (values == entry.values.end() || values->second.empty()) continue;
      const auto time = parse_ldap_time(values->second.front());
      if (time && (!changed || *changed < *time)) changed = time;
    }
  }
  Truth is_newer = entries.exists();
  if (entries.is_ok() && !changed) {
    is_newer = Truth::unknown({State::unreachable, "ldap/data.ldif",
                               "has no modifyTimestamp: collect operational attributes ('+')"});
  }
  Truth is_bad = false;
  std::vector<std::string> older;
  for (const char* const app : {"dcm4chee", "ldap"}) {
    const auto pods = pods_of_app(step, app);
    is_bad = is_bad || pods.test([](const auto& all) {
      return all.empty() ||
             std::ranges::any_of(all, [](const Json* pod) { return !is_pod_good(*pod); });
    });
    if (!pods.is_ok()) {
      is_newer = is_newer && pods.exists();
      continue;
    }
    for (const Json* pod : *pods) {
      const auto start = parse_time(text_at(*pod, "/status/startTime"));
      if (start && changed && *start < *changed) older.push_back(name_of(*pod));
    }
  }
  // Before it is deployed there are no pods to restart, and none that are broken.
  step.decide("not-deployed", !runs_at_least(step, Version{0, 3, 0}));
  step.set("older", some_of(older));
  step.set("changed", changed ? to_string(*changed) : std::string());
  step.decide("not-ready", is_bad);
  step.decide("older", is_newer && Truth(!older.empty()));
  step.decide("restarted", is_newer && Truth(older.empty()) && !is_bad);
}

}  // namespace dagfix::runtime
