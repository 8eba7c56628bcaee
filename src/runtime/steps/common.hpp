#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/step.hpp"
#include "runtime/view/shell_script.hpp"

// What steps of several guides ask.
namespace dagfix::runtime {

/// "a, b, c", at most five of them and how many more there are.
std::string some_of(const std::vector<std::string>& names);

/// A number now and in the baseline.
struct Kept {
  std::string label;
  Answer<std::uint64_t> before;
  Answer<std::uint64_t> now;
};
/// Decides "lost" (fewer than before, or gone; {lost} tells which) or "kept". Evidence is added.
/// Without a baseline, `pairs` is empty and nothing can be told.
void judge_kept(Step& step, const std::vector<Kept>& pairs);

/// Whether one answer is less than the other.
Truth is_less(const Answer<std::uint64_t>& left, const Answer<std::uint64_t>& right);

/// Whether one of Kaapana's pods crashes, cannot get its image or ended badly; {pods} names them.
Truth any_pod_fails(Step& step);
/// Whether all of Kaapana's pods are ready or ran to their end, and there is one.
Truth all_pods_good(Step& step);
/// Whether the images of running pods have a version of at least this.
Truth runs_at_least(const Step& step, Version version);

/// A data folder of PostgreSQL right below another one: a copy or a move went one level too deep.
/// Absent: there is none.
Answer<std::string> inner_database(const FileTree& files, const std::string& folder);
/// A volume of the cluster whose folder is not the one that the deploy script names, and both;
/// empty if none is seen.
std::string strange_volume(const Step& step);
/// Sets {findings}, {files} and the commands {fix} to what the platform's own DAGs need.
void set_dag_names(Step& step);

/// The entry of a script of the bundle: of several with this beginning the last one that has
/// `words`, else the last one. Empty: there is none.
std::string find_script(const Step& step, std::string_view prefix, std::string_view words);
/// Whether a script's file may be started by its name: scripts/modes.tsv. Of no entry: unknown.
Truth is_executable(const Step& step, std::string_view entry);
/// How a script is called on the platform: its path of scripts/modes.tsv, else its name;
/// `otherwise` if there is no entry.
std::string script_path(const Step& step, std::string_view entry, std::string_view otherwise);
/// Whether scripts were looked for, and none has a name with this beginning.
Truth lacks_script(const Step& step, std::string_view prefix);

/// What is wrong with a script of the bundle: names of outcomes "missing" and "no-script" are
/// decided, {script} and {instead} are set. Of several the last one that has `words` counts. The
/// script if it can be read.
Answer<ShellScript> judge_script(Step& step, std::string_view prefix, std::string_view words);

/// The command {write} that writes {full} into FAST/version; none if the version is not known.
void set_version_command(Step& step, const std::string& marker, const std::string& version);

/// The command {deploy}: the deploy script of the series of `target`, or the one of which nothing
/// tells that it is older; none where only older ones are known.
void set_deploy_command(Step& step, Version target);

/// Whether Helm's releases of Kaapana are gone; `after` tells that this is over.
void judge_releases(Step& step, const Truth& after);
/// Whether Kaapana's pods are gone.
void judge_wait(Step& step);

}  // namespace dagfix::runtime
