#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace dagfix {

/// Work that makes more work, done by several threads in no particular order.
template <typename Item>
class Drain {
 public:
  explicit Drain(std::vector<Item> items) : items_(std::move(items)) {}

  /// Calls `work(item, more, worker)` for each item and for all that calls append to `more`;
  /// `worker` is below `threads` and tells the threads apart. `work` must not throw. Further
  /// threads are started only when a few items did not exhaust the work.
  template <typename Work>
  void run(unsigned threads, const Work& work) {
    constexpr std::size_t kWorthThreads = 32;
    std::vector<Item> more;
    for (std::size_t done = 0; done < kWorthThreads && !items_.empty(); ++done) {
      const Item item = take();
      work(item, more, 0u);
      give(more);
    }
    if (items_.empty()) return;
    std::vector<std::jthread> others;
    try {
      for (unsigned worker = 1; worker < threads; ++worker) {
        others.emplace_back([this, &work, worker] { run_worker(work, worker); });
      }
    } catch (const std::system_error&) {
      // No more threads are to be had: those that there are do the work.
    }
    run_worker(work, 0);
  }

 private:
  template <typename Work>
  void run_worker(const Work& work, unsigned worker) {
    std::vector<Item> more;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !items_.empty() || busy_ == 0; });
      if (items_.empty()) break;
      const Item item = take();
      ++busy_;
      lock.unlock();
      work(item, more, worker);
      lock.lock();
      --busy_;
      const bool wake = !more.empty() || busy_ == 0;
      give(more);
      if (wake) changed_.notify_all();
    }
  }

  Item take() {
    Item item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

  void give(std::vector<Item>& more) {
    std::ranges::move(more, std::back_inserter(items_));
    more.clear();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;
  unsigned busy_ = 0;
};

}  // namespace dagfix
