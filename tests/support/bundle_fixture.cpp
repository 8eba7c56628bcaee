#include "support/bundle_fixture.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <stdexcept>

#include "runtime/time.hpp"

namespace dagfix::runtime {

namespace {

struct File {
  std::string type = "f";
  std::string mode = "644";
  std::string owner = "0:0";
  std::uint64_t size = 0;
  std::string mtime = "2026-01-01T00:00:00Z";
  std::optional<std::string> text;
};

/// A description being put together; std::map keeps everything in order.
struct Draft {
  std::map<std::string, File> tree;
  std::map<std::string, Json> objects;  // "Pod services/name"
  std::map<std::string, std::string> helm;
  bool has_objects = false;
  bool has_helm = false;
  std::map<std::string, Json> sql;
  std::map<std::string, std::uint64_t> minio;
  bool has_minio = false;
  std::map<std::string, Json> entries;
  std::map<std::string, std::pair<std::string, std::string>> states;
  Json info = Json::object();
};

std::string text_or(const Json& object, const char* key, std::string otherwise) {
  const auto found = object.find(key);
  return found == object.end() ? otherwise : found->get<std::string>();
}

File file_of(const std::string& path, const Json& value) {
  File file;
  if (path.ends_with('/')) {
    file.type = "d";
    file.mode = "755";
    file.size = 4096;
  }
  if (value.is_string()) {
    file.text = value.get<std::string>();
    file.size = file.text->size();
  }
  if (!value.is_object()) return file;
  for (const auto& [key, _] : value.items()) {
    static const std::set<std::string> kKeys = {"type", "mode", "owner", "size", "mtime", "text"};
    if (!kKeys.contains(key)) throw std::runtime_error("tree: unknown key " + key);
  }
  file.type = text_or(value, "type", file.type);
  file.mode = text_or(value, "mode", file.mode);
  file.owner = text_or(value, "owner", file.owner);
  file.mtime = text_or(value, "mtime", file.mtime);
  if (value.contains("text")) file.text = value["text"].get<std::string>();
  if (file.text) file.size = file.text->size();
  if (value.contains("size")) file.size = value["size"].get<std::uint64_t>();
  return file;
}

std::string plain(std::string path) {
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

void patch_tree(Draft& state, const Json& patch) {
  for (const auto& [key, value] : patch.items()) {
    const std::string path = plain(key);
    if (value.is_null()) {
      std::erase_if(state.tree, [&](const auto& node) { return lies_in(node.first, path); });
    } else {
      state.tree[path] = file_of(key, value);
    }
  }
}

void move_in_tree(Draft& state, const Json& moves) {
  for (const auto& [from, to] : moves.items()) {
    std::map<std::string, File> moved;
    for (const auto& [path, file] : state.tree) {
      const bool is_in = lies_in(path, from);
      moved[is_in ? to.get<std::string>() + path.substr(from.size()) : path] = file;
    }
    state.tree = std::move(moved);
  }
}

/// A pod of one line: its image, or {image, phase, ready, waiting, start, labels, env}.
Json pod_of(const std::string& place, const Json& value) {
  const auto slash = place.find('/');
  const Json short_form = value.is_string() ? Json{{"image", value}} : value;
  const std::string phase = text_or(short_form, "phase", "Running");
  const bool ready = short_form.value("ready", phase == "Running");
  Json status = {{"ready", ready}};
  if (short_form.contains("waiting")) {
    status["state"]["waiting"]["reason"] = short_form["waiting"];
  }
  Json pod = {
      {"kind", "Pod"},
      {"metadata", {{"namespace", place.substr(0, slash)}, {"name", place.substr(slash + 1)}}},
      {"spec", {{"containers", Json::array({{{"image", short_form.at("image")}}})}}},
      {"status",
       {{"phase", phase},
        {"startTime", text_or(short_form, "start", "2026-01-02T00:00:00Z")},
        {"containerStatuses", Json::array({status})}}}};
  if (short_form.contains("labels")) pod["metadata"]["labels"] = short_form["labels"];
  return pod;
}

std::string object_key(const Json& object) {
  const Json& metadata = object.at("metadata");
  return fmt::format("{} {}/{}", object.at("kind").get<std::string>(),
                     text_or(metadata, "namespace", ""), metadata.at("name").get<std::string>());
}

void patch_cluster(Draft& state, const Json& patch) {
  if (const auto pods = patch.find("pods"); pods != patch.end()) {
    state.has_objects = true;
    if (pods->is_null()) {
      std::erase_if(state.objects, [](const auto& item) { return item.first.starts_with("Pod "); });
    } else {
      for (const auto& [place, value] : pods->items()) {
        state.objects.erase("Pod " + place);
        if (!value.is_null()) state.objects["Pod " + place] = pod_of(place, value);
      }
    }
  }
  if (const auto list = patch.find("k8s"); list != patch.end()) {
    state.has_objects = true;
    for (const Json& object : *list) state.objects[object_key(object)] = object;
  }
  if (const auto list = patch.find("k8s_remove"); list != patch.end()) {
    for (const Json& key : *list) {
      if (state.objects.erase(key.get<std::string>()) == 0) {
        throw std::runtime_error("k8s_remove: there is no " + key.get<std::string>());
      }
    }
  }
  // JSON merge patches of single objects.
  if (const auto list = patch.find("k8s_patch"); list != patch.end()) {
    for (const auto& [key, value] : list->items()) state.objects.at(key).merge_patch(value);
  }
  if (const auto releases = patch.find("helm"); releases != patch.end()) {
    state.has_helm = true;
    if (releases->is_null()) {
      state.helm.clear();
    } else {
      for (const auto& [place, value] : releases->items()) {
        if (value.is_null()) {
          state.helm.erase(place);
        } else {
          state.helm[place] = value.get<std::string>();
        }
      }
    }
  }
}

void patch_data(Draft& state, const Json& patch) {
  if (const auto sql = patch.find("sql"); sql != patch.end()) {
    for (const auto& [database, value] : sql->items()) {
      if (value.is_null()) {
        state.sql.erase(database);
      } else {
        state.sql[database].merge_patch(value);
      }
    }
  }
  if (const auto objects = patch.find("minio"); objects != patch.end()) {
    state.has_minio = true;
    if (objects->is_null()) {
      state.minio.clear();
    } else {
      for (const auto& [key, size] : objects->items()) {
        if (size.is_null()) {
          std::erase_if(state.minio, [&](const auto& item) {
            return item.first == key || item.first.starts_with(key + "/");
          });
        } else {
          state.minio[key] = size.get<std::uint64_t>();
        }
      }
    }
  }
  if (const auto entries = patch.find("entries"); entries != patch.end()) {
    for (const auto& [name, value] : entries->items()) {
      state.states.erase(name);
      if (value.is_null()) {
        state.entries.erase(name);
      } else {
        state.entries[name] = value;
      }
    }
  }
  if (const auto states = patch.find("states"); states != patch.end()) {
    for (const auto& [name, value] : states->items()) {
      state.states[name] = {value.at(0).get<std::string>(), value.at(1).get<std::string>()};
    }
  }
  if (const auto info = patch.find("info"); info != patch.end()) state.info.merge_patch(*info);
}

void check_keys(const Json& patch) {
  static const std::set<std::string> kKeys = {"base",  "about",      "tree",      "move", "pods",
                                              "k8s",   "k8s_remove", "k8s_patch", "helm", "sql",
                                              "minio", "entries",    "states",    "info"};
  for (const auto& [key, _] : patch.items()) {
    if (!kKeys.contains(key)) throw std::runtime_error("unknown key " + key);
  }
}

void apply(Draft& state, const Json& patch, const Json& bases) {
  check_keys(patch);
  if (const auto base = patch.find("base"); base != patch.end()) {
    const auto found = bases.find(base->get<std::string>());
    if (found == bases.end()) throw std::runtime_error("there is no base " + base->dump());
    apply(state, *found, bases);
  }
  if (const auto moves = patch.find("move"); moves != patch.end()) move_in_tree(state, *moves);
  if (const auto tree = patch.find("tree"); tree != patch.end()) patch_tree(state, *tree);
  patch_cluster(state, patch);
  patch_data(state, patch);
}

void put_tree(const Draft& state, Bundle& bundle) {
  if (state.tree.empty()) return;
  std::string listing;
  for (const auto& [path, file] : state.tree) {
    const auto time = parse_time(file.mtime);
    if (!time) throw std::runtime_error("tree: no time: " + file.mtime);
    listing += fmt::format("{}\t{}\t{}\t{}\t{}.0\t{}\n", file.type, file.mode, file.owner,
                           file.size, time->time_since_epoch().count(), path);
    if (file.text) bundle.put("fs/small" + path, *file.text);
  }
  bundle.put("fs/tree.tsv", listing, "find");
}

void put_cluster(const Draft& state, Bundle& bundle) {
  if (state.has_objects) {
    Json items = Json::array();
    for (const auto& [_, object] : state.objects) items.push_back(object);
    bundle.put("k8s/all.json", Json{{"kind", "List"}, {"items", items}}.dump(), "kubectl get");
  }
  if (!state.has_helm) return;
  Json items = Json::array();
  for (const auto& [place, status] : state.helm) {
    const auto slash = place.find('/');
    items.push_back({{"kind", "Secret"},
                     {"metadata",
                      {{"namespace", place.substr(0, slash)},
                       {"name", "sh.helm.release.v1." + place.substr(slash + 1) + ".v1"},
                       {"labels",
                        {{"owner", "helm"},
                         {"name", place.substr(slash + 1)},
                         {"status", status},
                         {"version", "1"}}}}}});
  }
  bundle.put("k8s/helm-secrets.json", Json{{"kind", "List"}, {"items", items}}.dump(), "kubectl");
}

}  // namespace

Bundle BundleFixture::expand(const Json& description) const {
  Draft state;
  apply(state, description, bases_);
  Bundle bundle;
  bundle.info.tool = "fixture";
  bundle.info.taken_at = text_or(state.info, "taken_at", "2026-03-01T00:00:00Z");
  bundle.info.phase = text_or(state.info, "phase", "");
  put_tree(state, bundle);
  put_cluster(state, bundle);
  for (const auto& [database, value] : state.sql) {
    bundle.put(fmt::format("sql/{}.json", database), value.dump(), "SELECT");
  }
  if (state.has_minio) {
    std::string listing;
    for (const auto& [key, size] : state.minio) {
      listing += Json{{"status", "success"}, {"type", "file"}, {"key", key}, {"size", size}}.dump();
      listing += '\n';
    }
    bundle.put("minio/ls.txt", listing, "mc ls");
  }
  for (const auto& [name, value] : state.entries) {
    if (value.is_array() && name.find(".json") == std::string::npos) {
      std::string text;
      for (const Json& line : value) text += line.get<std::string>() + "\n";
      bundle.put(name, text, "fixture");
    } else {
      bundle.put(name, value.is_string() ? value.get<std::string>() : value.dump(), "fixture");
    }
  }
  for (const auto& [name, said] : state.states) {
    const auto known = state_named(said.first);
    if (!known) throw std::runtime_error("there is no state " + said.first);
    bundle.put_state(name, *known, said.second);
  }
  return bundle;
}

}  // namespace dagfix::runtime
