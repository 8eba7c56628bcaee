#include "runtime/view/object_listing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dagfix::runtime {

namespace {

constexpr std::string_view kListing = "minio/ls.txt";

std::vector<std::string> names_in(const Bundle& bundle, std::string_view entry) {
  std::vector<std::string> names;
  const auto list = bundle.json(entry);
  if (!list.is_ok() || !list->is_array()) return names;
  for (const Json& name : *list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

}  // namespace

ObjectListing::ObjectListing(const Bundle& bundle) {
  std::optional<Unseen> broken;
  std::size_t number = 0;
  state_ = bundle.lines(kListing, [&](std::string_view line) {
    ++number;
    if (line.empty()) return true;
    const Json object = Json::parse(line, nullptr, false);
    const auto status = object.is_object() ? object.find("status") : object.end();
    const bool is_object =
        object.is_object() && object.contains("key") && object["key"].is_string();
    if (!is_object || (status != object.end() && *status == "error")) {
      broken = Unseen{State::malformed, std::string(kListing),
                      fmt::format("line {} is no object of a listing", number)};
      return false;
    }
    const auto& key = object["key"].get_ref<const std::string&>();
    const auto slash = key.find('/');
    auto& keys = buckets_[key.substr(0, slash)];
    if (slash != std::string::npos && slash + 1 < key.size()) keys.push_back(key.substr(slash + 1));
    return true;
  });
  const bool has_buckets = bundle.find("minio/buckets.json") != nullptr;
  if (state_.is_ok() && number == 0 && !has_buckets) {
    broken = Unseen{State::malformed, std::string(kListing), "is empty: did mc fail?"};
  }
  if (broken) state_ = *broken;
  for (auto& [_, keys] : buckets_) std::ranges::sort(keys);
  for (const std::string& name : names_in(bundle, "minio/buckets.json")) buckets_[name];
  truncated_ = names_in(bundle, "minio/truncated.json");
}

Answer<std::vector<std::string>> ObjectListing::keys(std::string_view bucket,
                                                     std::string_view prefix) const {
  using Keys = std::vector<std::string>;
  if (!state_.is_ok()) return state_.map([](bool) { return Keys(); });
  const auto found = buckets_.find(bucket);
  // A bucket without objects is as good as none, for whoever looks for objects.
  if (found == buckets_.end()) return Answer<Keys>::absent();
  if (std::ranges::find(truncated_, bucket) != truncated_.end()) {
    return Unseen{State::unreachable, std::string(kListing),
                  fmt::format("bucket {} was not listed to its end", bucket)};
  }
  Keys keys;
  std::ranges::copy_if(found->second, std::back_inserter(keys),
                       [&](const std::string& key) { return key.starts_with(prefix); });
  return keys;
}

Answer<std::map<std::string, std::uint64_t>> ObjectListing::buckets() const {
  return state_.map([&](bool) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [name, keys] : buckets_) counts[name] = keys.size();
    return counts;
  });
}

}  // namespace dagfix::runtime
