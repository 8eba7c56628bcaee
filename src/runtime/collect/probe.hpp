#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/collect/http.hpp"
#include "runtime/profile.hpp"

namespace dagfix::runtime {

/// What every probe is told. Probes own a copy: one that hangs may outlive the run.
struct ProbeContext {
  Profile profile;
  std::string work_folder;
  /// Addresses of the cluster's services, by name: "minio-service.services.svc".
  std::map<std::string, std::string> addresses;
  std::chrono::milliseconds timeout{10'000};  ///< Of one question.
};

/// What a probe has found: entries of the bundle, each with its time.
class Findings {
 public:
  /// `beat` is called with what is being asked for, so that a hanging probe is noticed.
  explicit Findings(std::function<void(std::string_view)> beat) : beat_(std::move(beat)) {}

  /// The probe lives, and asks for this now.
  void asking(std::string_view entry) { beat_(entry); }

  void put(const std::string& name, std::string bytes, std::string evidence);
  void put_file(const std::string& name, std::string file, std::string evidence);
  /// `state` is not ok.
  void fail(const std::string& name, State state, std::string evidence);
  /// An answer that must be JSON, also where it says "absent": a proxy's page tells nothing.
  void put_json(const std::string& name, const HttpAnswer& answer);
  void warn(std::string line) { bundle_.warnings.push_back(std::move(line)); }

  const Bundle& bundle() const { return bundle_; }
  Bundle take() { return std::move(bundle_); }

 private:
  void stamp(const std::string& name);

  Bundle bundle_;
  std::function<void(std::string_view)> beat_;
};

/// One thing to ask, beside the others.
struct Probe {
  std::string name;                  ///< For people: "kubernetes".
  std::vector<std::string> entries;  ///< Those it always writes; they are unreachable if it hangs.
  std::function<void(const ProbeContext&, Findings&)> run;
};

/// Runs probes beside each other, each in its own thread, and returns what they found. One that
/// shows no life for four time-outs, at least a minute, is left behind. `progress` is called by
/// this thread only.
Bundle run_probes(std::vector<Probe> probes, const ProbeContext& context,
                  const std::function<void(std::string_view)>& progress);

/// Adds all entries and warnings of `from`.
void merge(Bundle& into, Bundle from);

/// Fails all `entries` in the same way.
void fail_all(Findings& findings, const std::vector<std::string>& entries, State state,
              const std::string& evidence);

}  // namespace dagfix::runtime
