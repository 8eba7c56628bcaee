#include "runtime/collect/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "runtime/time.hpp"

namespace dagfix::runtime {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr auto kLeastPatience = std::chrono::seconds(60);

/// What a probe's thread and the one that waits for it share. A thread that hangs in the kernel
/// cannot be ended: it keeps its part alive, which is why this is a shared_ptr.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> asked;  // and not yet shown
  std::size_t running = 0;
};

struct Slot {
  std::optional<Bundle> result;
  Clock::time_point alive = Clock::now();
  bool is_left = false;
};

struct Run {
  Shared shared;
  ProbeContext context;
  std::vector<Probe> probes;
  std::vector<Slot> slots;
};

Bundle ask(const Probe& probe, const ProbeContext& context,
           const std::function<void(std::string_view)>& beat) {
  Findings findings(beat);
  try {
    probe.run(context, findings);
  } catch (const std::exception& error) {
    fail_all(findings, probe.entries, State::malformed,
             fmt::format("bug of dagfix: {}: {}", probe.name, error.what()));
  }
  return findings.take();
}

void run_one(const std::shared_ptr<Run>& run, std::size_t i) {
  Bundle found = ask(run->probes[i], run->context, [&](std::string_view entry) {
    const std::lock_guard lock(run->shared.mutex);
    run->slots[i].alive = Clock::now();
    if (!entry.empty()) run->shared.asked.emplace_back(entry);
  });
  const std::lock_guard lock(run->shared.mutex);
  run->slots[i].result = std::move(found);
  if (!run->slots[i].is_left) --run->shared.running;
  run->shared.changed.notify_all();
}

/// Gives up on probes that show no life.
void leave_behind(Run& run, Clock::duration patience) {
  for (Slot& slot : run.slots) {
    if (slot.result || slot.is_left || Clock::now() - slot.alive < patience) continue;
    slot.is_left = true;
    --run.shared.running;
  }
}

}  // namespace

void Findings::stamp(const std::string& name) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  bundle_.entries().find(name)->second.taken_at = to_string(now);
}

void Findings::put(const std::string& name, std::string bytes, std::string evidence) {
  bundle_.put(name, std::move(bytes), std::move(evidence));
  stamp(name);
}

void Findings::put_file(const std::string& name, std::string file, std::string evidence) {
  bundle_.put_file(name, std::move(file), std::move(evidence));
  stamp(name);
}

void Findings::fail(const std::string& name, State state, std::string evidence) {
  std::ranges::replace(evidence, '\n', ' ');
  bundle_.put_state(name, state, std::move(evidence));
  stamp(name);
}

void Findings::put_json(const std::string& name, const HttpAnswer& answer) {
  const bool is_answer = answer.state == State::ok || answer.state == State::absent;
  if (!is_answer) return fail(name, answer.state, answer.evidence);
  if (!Json::accept(answer.body)) {
    return fail(name, State::malformed, answer.evidence + ", and the answer is no JSON");
  }
  if (answer.state == State::absent) return fail(name, State::absent, answer.evidence);
  put(name, answer.body, answer.evidence);
}

void merge(Bundle& into, Bundle from) {
  into.entries().merge(from.entries());
  into.warnings.insert(into.warnings.end(), from.warnings.begin(), from.warnings.end());
}

void fail_all(Findings& findings, const std::vector<std::string>& entries, State state,
              const std::string& evidence) {
  for (const std::string& entry : entries) {
    if (!findings.bundle().find(entry)) findings.fail(entry, state, evidence);
  }
}

Bundle run_probes(std::vector<Probe> probes, const ProbeContext& context,
                  const std::function<void(std::string_view)>& progress) {
  const auto run = std::make_shared<Run>();
  run->context = context;
  run->probes = std::move(probes);
  run->slots.resize(run->probes.size());
  run->shared.running = run->probes.size();
  for (std::size_t i = 0; i < run->probes.size(); ++i) std::thread(run_one, run, i).detach();

  const auto patience = std::max<Clock::duration>(kLeastPatience, 4 * context.timeout);
  std::unique_lock lock(run->shared.mutex);
  while (run->shared.running > 0) {
    run->shared.changed.wait_for(lock, kTick);
    leave_behind(*run, patience);
    const auto asked = std::exchange(run->shared.asked, {});
    if (asked.empty() || !progress) continue;
    lock.unlock();
    progress(asked.back());
    lock.lock();
  }
  Bundle all;
  for (std::size_t i = 0; i < run->probes.size(); ++i) {
    if (!run->slots[i].is_left) {
      merge(all, *std::move(run->slots[i].result));
      continue;
    }
    for (const std::string& entry : run->probes[i].entries) {
      all.put_state(entry, State::unreachable,
                    fmt::format("{}: no sign of life for {}, given up", run->probes[i].name,
                                duration_text(std::chrono::ceil<std::chrono::seconds>(patience))));
    }
  }
  return all;
}

}  // namespace dagfix::runtime
