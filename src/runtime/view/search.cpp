#include "runtime/view/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/view/kubernetes.hpp"

namespace dagfix::runtime {

namespace {

std::uint64_t number_of(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  std::uint64_t number = 0;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

/// All values of a key, wherever it is; text or lists of text.
void find_texts(const Json& value, std::string_view key, int depth,
                std::vector<std::string>& found) {
  if (depth > 20 || !value.is_structured()) return;
  for (const auto& [name, element] : value.items()) {
    if (value.is_object() && name == key) {
      if (element.is_string()) found.push_back(element.get<std::string>());
      if (element.is_array()) {
        for (const Json& part : element) {
          if (part.is_string()) found.push_back(part.get<std::string>());
        }
      }
    }
    find_texts(element, key, depth + 1, found);
  }
}

Unseen strange(std::string_view entry) {
  return {State::malformed, std::string(entry), "is no answer of OpenSearch"};
}

}  // namespace

Answer<std::vector<Search::Index>> Search::indices() const {
  constexpr std::string_view kEntry = "opensearch/cat_indices.json";
  const auto json = bundle_.json(kEntry);
  if (json.is_ok() && !json->is_array()) return strange(kEntry);
  return json.map([](const Json& list) {
    std::vector<Index> indices;
    for (const Json& entry : list) {
      Index index{text_at(entry, "/index"), text_at(entry, "/health"), 0};
      if (const Json* const documents = value_at(entry, "/docs.count")) {
        index.documents = number_of(*documents);
      }
      indices.push_back(std::move(index));
    }
    std::ranges::sort(indices, {}, &Index::name);
    return indices;
  });
}

Answer<Search::Index> Search::index(std::string_view name) const {
  const auto all = indices();
  if (!all.is_ok()) return all.map([](const auto&) { return Index(); });
  const auto found = std::ranges::find(*all, name, &Index::name);
  if (found == all->end()) return Answer<Index>::absent();
  return *found;
}

Answer<std::uint64_t> Search::count(std::string_view index) const {
  const std::string entry = fmt::format("opensearch/count_{}.json", index);
  const auto json = bundle_.json(entry);
  if (json.is_absent()) return Answer<std::uint64_t>::absent();
  if (json.is_ok()) {
    const Json* const count = value_at(*json, "/count");
    if (count && count->is_number_unsigned()) return count->get<std::uint64_t>();
    return strange(entry);
  }
  return this->index(index).map([](const Index& found) { return found.documents; });
}

Answer<std::vector<Search::Repository>> Search::repositories() const {
  constexpr std::string_view kEntry = "opensearch/repos.json";
  const auto json = bundle_.json(kEntry);
  // An error has the same form as a list of repositories.
  const bool is_error = json.is_ok() && (!json->is_object() || json->contains("error"));
  if (is_error) return strange(kEntry);
  return json.map([](const Json& object) {
    std::vector<Repository> repositories;
    for (const auto& [name, value] : object.items()) {
      repositories.push_back({name, text_at(value, "/type"), text_at(value, "/settings/location")});
    }
    return repositories;
  });
}

Answer<std::vector<Search::Snapshot>> Search::snapshots() const {
  const auto all = repositories();
  if (!all.is_ok()) return all.map([](const auto&) { return std::vector<Snapshot>(); });
  std::vector<Snapshot> snapshots;
  for (const Repository& repository : *all) {
    const std::string entry = fmt::format("opensearch/snapshots_{}.json", repository.name);
    const auto json = bundle_.json(entry);
    if (json.is_unseen()) return json.unseen();
    if (json.is_absent()) continue;
    const Json* const list = value_at(*json, "/snapshots");
    if (!list || !list->is_array()) return strange(entry);
    for (const Json& value : *list) {
      Snapshot snapshot;
      snapshot.name = text_at(value, "/snapshot");
      snapshot.state = text_at(value, "/state");
      if (const Json* const indices = value_at(value, "/indices"); indices && indices->is_array()) {
        for (const Json& index : *indices) {
          if (index.is_string()) snapshot.indices.push_back(index.get<std::string>());
        }
      }
      if (const Json* const failures = value_at(value, "/failures"))
        snapshot.failed = failures->size();
      if (const Json* const shards = value_at(value, "/shards/failed")) {
        snapshot.failed += number_of(*shards);
      }
      snapshot.end = parse_time(text_at(value, "/end_time"));
      snapshots.push_back(std::move(snapshot));
    }
  }
  return snapshots;
}

Answer<std::vector<std::string>> Search::path_repo() const {
  return bundle_.json("opensearch/nodes_settings.json").map([](const Json& json) {
    std::vector<std::string> found;
    find_texts(json, "repo", 0, found);
    find_texts(json, "path.repo", 0, found);
    return found;
  });
}

Truth Search::is_recovered(std::string_view index) const {
  const auto json = bundle_.json(fmt::format("opensearch/recovery_{}.json", index));
  return json.test([&](const Json& object) {
    const Json* const shards = value_at(object, fmt::format("/{}/shards", index));
    if (!shards || !shards->is_array() || shards->empty()) return false;
    return std::ranges::all_of(
        *shards, [](const Json& shard) { return text_at(shard, "/stage") == "DONE"; });
  });
}

std::vector<std::string> Search::missing_ids(std::string_view source,
                                             std::string_view target) const {
  constexpr std::size_t kSample = 100;  // size= of the question
  const auto ids = [&](std::string_view index) {
    std::vector<std::string> found;
    const auto json = bundle_.json(fmt::format("opensearch/ids_{}.json", index));
    const Json* const hits = json.is_ok() ? value_at(*json, "/hits/hits") : nullptr;
    if (hits && hits->is_array()) {
      for (const Json& hit : *hits) found.push_back(text_at(hit, "/_id"));
    }
    std::ranges::sort(found);
    return found;
  };
  const auto there = ids(target);
  std::vector<std::string> missing;
  if (there.empty()) return missing;
  for (std::string& id : ids(source)) {
    // Behind the end of a full sample nothing is known.
    const bool is_covered = there.size() < kSample || id <= there.back();
    if (is_covered && !std::ranges::binary_search(there, id)) missing.push_back(std::move(id));
  }
  return missing;
}

Truth Search::is_reindexing() const {
  return bundle_.json("opensearch/tasks.json").test([](const Json& object) {
    const Json* const nodes = value_at(object, "/nodes");
    return nodes && nodes->is_object() && !nodes->empty();
  });
}

}  // namespace dagfix::runtime
