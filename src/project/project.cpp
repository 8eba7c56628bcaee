#include "project/project.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "project/import_lines.hpp"

namespace dagfix {

namespace {

// Stands for a '.' in a folder's name, so that paths can be written as dotted modules.
constexpr char kDot = '\x1f';
constexpr int kMaxHops = 8;
// Files with the same name that are looked at before a search in the folders above.
constexpr std::size_t kFew = 16;
constexpr std::string_view kDockerfile = "Dockerfile";

std::string_view without_suffix(std::string_view path) {
  if (path.ends_with(".py")) path.remove_suffix(3);
  if (path.ends_with("/__init__")) path.remove_suffix(9);
  return path;
}

std::string_view last_part(std::string_view text, char separator) {
  const auto at = text.rfind(separator);
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

std::string as_path(std::string_view module) {
  std::string path(module);
  std::ranges::replace(path, '.', '/');
  std::ranges::replace(path, kDot, '.');
  return path;
}

std::string as_module(std::string_view path) {
  std::string module(path);
  std::ranges::replace(module, '.', kDot);
  std::ranges::replace(module, '/', '.');
  return module;
}

/// The folder in which `module_path` would have to be on sys.path for `file` to be the module.
std::optional<std::string_view> root_of(std::string_view file, std::string_view module_path) {
  file = without_suffix(file);
  if (!file.ends_with(module_path)) return std::nullopt;
  file.remove_suffix(module_path.size());
  if (!file.empty() && !file.ends_with('/')) return std::nullopt;
  return file;
}

/// The part of a path that Python sees as module when the file belongs to Kaapana itself.
std::string_view kaapana_part(std::string_view path) {
  for (const std::string_view package :
       {"kaapana/operators", "kaapana/blueprints", "kaapana/kubetools", "kaapanapy/"}) {
    const auto at = path.rfind(package);
    if (at != std::string_view::npos && (at == 0 || path[at - 1] == '/')) return path.substr(at);
  }
  return path;
}

/// `image=` of a call in the class, most likely super().__init__(...).
std::string image_in(const SyntaxTree& tree, Node definition) {
  for (std::uint32_t id = definition.id(); id < tree.subtree_end(definition.id()); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::keyword_argument) && node.child(Field::name).text() == "image") {
      return image_name(node.child(Field::value).text());
    }
  }
  return {};
}

ClassSummary summarise_class(const SemanticModel& model, Node definition) {
  ClassSummary summary;
  for (const Node base : definition.child(Field::superclasses).named_children()) {
    const auto symbol = model.resolve(base);
    if (symbol && symbol->certain) summary.bases.push_back(symbol->path);
  }
  summary.image = image_in(model.tree(), definition);
  summary.level = level_of_class(model, definition);
  summary.constructor = constructor_of(model.tree(), definition);
  return summary;
}

ModuleSummary summarise(const SemanticModel& model) {
  ModuleSummary summary;
  std::set<std::string, std::less<>> ambiguous;
  for (const Import& import : model.imports()) {
    if (import.scope != 0) continue;
    if (import.form == Import::Form::star) {
      summary.stars.push_back(import.module);
    } else if (import.form == Import::Form::from || import.has_alias) {
      const auto [entry, added] = summary.imported.emplace(import.local, import.qualified());
      if (!added && entry->second != import.qualified()) ambiguous.insert(import.local);
    }
  }
  std::set<std::string, std::less<>> bound;
  for (const Binding& binding : model.bindings()) {
    if (binding.scope != 0 || binding.kind == BindingKind::import) continue;
    std::string name(binding.target.text());
    ambiguous.insert(name);
    const bool is_first = bound.insert(name).second;
    if (binding.kind == BindingKind::class_ && is_first) {
      summary.classes.emplace(name, summarise_class(model, binding.value));
    } else if (binding.kind == BindingKind::assignment && is_first && !binding.deferred) {
      if (auto value = model.constant(binding.value)) {
        summary.constants.emplace(name, std::move(value->value));
      }
    } else {
      summary.classes.erase(name);
      summary.constants.erase(name);
    }
  }
  for (const std::string& name : ambiguous) summary.imported.erase(name);
  return summary;
}

}  // namespace

bool is_kaapana(std::string_view path) {
  const std::string_view root = path.substr(0, path.find('.'));
  return root == "kaapana" || root == "kaapanapy";
}

Project::Project(std::vector<std::string> paths, Reader reader, Reader side_reader, Covers covers)
    : paths_(std::move(paths)),
      reader_(std::move(reader)),
      side_reader_(std::move(side_reader)),
      covers_(std::move(covers)) {
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    const std::string_view path = without_suffix(paths_[i]);
    by_last_name_[last_part(path, '/')].push_back(i);
    by_module_path_.try_emplace(path, i);
  }
}

std::size_t Project::find_module(std::string_view module, std::string_view importer) const {
  if (module.starts_with('.')) module.remove_prefix(1);
  // Most modules are none of the project's: this is to be told without a copy of the name.
  const std::string_view last = last_part(module, '.');
  const auto found =
      by_last_name_.find(last.contains(kDot) ? std::string_view(as_path(last)) : last);
  if (found == by_last_name_.end()) return npos;
  const std::string path = as_path(module);
  const auto is_it = [&](std::size_t index) { return root_of(paths_[index], path).has_value(); };
  if (found->second.size() <= kFew && std::ranges::none_of(found->second, is_it)) return npos;
  std::string above_path;
  // A root above the importing file is on its sys.path more likely than any other, the nearest
  // most.
  for (std::string_view root = importer; !root.empty();) {
    root.remove_suffix(1);
    root = root.substr(0, root.rfind('/') + 1);
    above_path.assign(root).append(path);
    const auto above = by_module_path_.find(above_path);
    if (above != by_module_path_.end()) return above->second;
  }
  std::size_t only = npos;
  for (const std::size_t index : found->second) {
    if (!is_it(index)) continue;
    if (only != npos) return npos;
    only = index;
  }
  return only;
}

std::size_t Project::index_of(std::string_view path) const {
  const auto found = by_last_name_.find(last_part(without_suffix(path), '/'));
  if (found == by_last_name_.end()) return npos;
  const auto index = std::ranges::find_if(
      found->second, [&](std::size_t candidate) { return paths_[candidate] == path; });
  return index == found->second.end() ? npos : *index;
}

bool Project::may_import(std::size_t index, std::string_view name) const {
  const auto may = [&](const Names& names) { return names.contains(name) || names.contains("*"); };
  {
    const std::lock_guard lock(cache_->mutex);
    if (const auto found = cache_->imported.find(index); found != cache_->imported.end()) {
      return may(*found->second);
    }
  }
  auto names = std::make_unique<Names>();
  if (const auto text = reader_ ? reader_(paths_[index]) : std::nullopt) {
    for_each_import(*text, [&](const ImportLine& line) {
      for (const ImportLine::Item& item : line.items) {
        names->emplace(item.alias.empty() ? item.name : item.alias);
      }
    });
  }
  const std::lock_guard lock(cache_->mutex);
  return may(*cache_->imported.try_emplace(index, std::move(names)).first->second);
}

const ModuleSummary& Project::summary(std::size_t index) const {
  {
    const std::lock_guard lock(cache_->mutex);
    if (const auto found = cache_->summaries.find(index); found != cache_->summaries.end()) {
      return *found->second;
    }
  }
  auto made = std::make_unique<ModuleSummary>();
  const auto text = reader_ ? reader_(paths_[index]) : std::nullopt;
  if (text) {
    const SyntaxTree tree = SyntaxTree::parse(*text);
    // The other files are left out here: following them is the caller's work, hop by hop.
    const Project none;
    const FileResolver resolver(none, paths_[index]);
    *made = summarise(SemanticModel::build(tree, resolver));
  }
  const std::lock_guard lock(cache_->mutex);
  return *cache_->summaries.try_emplace(index, std::move(made)).first->second;
}

bool Project::reread(std::size_t index) {
  std::unique_ptr<ModuleSummary> before;
  {
    const std::lock_guard lock(cache_->mutex);
    cache_->imported.erase(index);
    const auto found = cache_->summaries.find(index);
    if (found == cache_->summaries.end()) return false;
    before = std::move(found->second);
    cache_->summaries.erase(found);
  }
  return *before != summary(index);
}

const ClassSummary* Project::find_class(std::string_view path, std::string_view importer) const {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::size_t file = find_module(path.substr(0, dot), importer);
  if (file == npos) return nullptr;
  const auto& classes = summary(file).classes;
  const auto found = classes.find(path.substr(dot + 1));
  return found == classes.end() ? nullptr : &found->second;
}

Level Project::level_of_image(const std::string& image) const {
  if (!side_reader_ || image.empty()) return Level::unknown;
  // One thread looks for all: what is looked for is rare, and the same for most.
  const std::lock_guard lock(cache_->image_mutex);
  if (const auto found = cache_->images.find(image); found != cache_->images.end()) {
    return found->second;
  }
  if (!cache_->places) cache_->places = image_places();
  return cache_->images[image] = read_image(image, *cache_->places);
}

Project::ImagePlaces Project::image_places() const {
  // From extension/docker/files up to what lies beside the containers.
  constexpr int kMostLevels = 4;
  ImagePlaces places;
  std::optional<std::string_view> last;
  for (const std::string& path : paths_) {
    const std::string_view name = last_part(path, '/');
    const std::string_view own = std::string_view(path).substr(0, path.size() - name.size());
    if (name == kDockerfile) places.dockerfiles.emplace_back(own);
    if (last == own) continue;
    last = own;
    std::string_view folder = own;
    for (int level = 0; level < kMostLevels; ++level) {
      places.folders.emplace(folder);
      if (folder.empty()) break;
      folder.remove_suffix(1);
      folder = folder.substr(0, folder.rfind('/') + 1);
    }
  }
  for (const std::string& folder : places.folders) {
    if (!covers_ || !covers_(folder)) places.searched.push_back(folder);
  }
  return places;
}

Level Project::read_image(std::string_view image, const ImagePlaces& places) const {
  Names found;
  const auto look = [&](const std::string& place) {
    const auto dockerfile = side_reader_(place + std::string(kDockerfile));
    if (dockerfile && labelled_image(*dockerfile) == image) found.insert(place);
  };
  const std::string own = fmt::format("{}/", image);
  const std::string container = fmt::format("processing-containers/{}/", image);
  for (const std::string& folder : places.searched) {
    for (const std::string& place : {folder, folder + own, folder + container}) look(place);
  }
  const auto lies_near = [&](std::string_view place, std::string_view below) {
    if (!place.ends_with(below)) return false;
    return places.folders.contains(place.substr(0, place.size() - below.size()));
  };
  for (const std::string& place : places.dockerfiles) {
    if (lies_near(place, "") || lies_near(place, own) || lies_near(place, container)) look(place);
  }
  std::set<Level> levels;
  for (const std::string& folder : found) add_levels_of_image(folder, levels);
  return levels.size() == 1 ? *levels.begin() : Level::unknown;
}

void Project::add_levels_of_image(const std::string& folder, std::set<Level>& levels) const {
  const auto read = [&](const std::optional<std::string>& text) {
    if (!text) return;
    const std::string_view script = *text;
    const bool writes = script.contains("OPERATOR_OUT_DIR") || script.contains("operator_out_dir");
    if (writes) levels.insert(level_of_script(script));
  };
  for (const std::string& path : paths_) {
    if (path.starts_with(folder) && reader_) read(reader_(path));
  }
  const std::string dockerfile = side_reader_(folder + "Dockerfile").value_or("");
  for (std::size_t at = 0; at < dockerfile.size();) {
    const auto end = std::min(dockerfile.find_first_of(" \t\r\n\"',[]", at), dockerfile.size());
    const std::string_view word = std::string_view(dockerfile).substr(at, end - at);
    if (word.ends_with(".sh")) read(side_reader_(folder + std::string(word)));
    at = end + 1;
  }
}

bool Project::has_trigger_rule(std::string_view path, std::string_view dag_id) const {
  if (!side_reader_) return false;
  const std::string file = fmt::format("{}_trigger_rule.json", without_suffix(path));
  const std::lock_guard lock(cache_->image_mutex);
  const auto [rule, added] = cache_->trigger_rules.try_emplace(file);
  if (added) rule->second = side_reader_(file);
  return rule->second && rule->second->contains(fmt::format("\"{}\"", dag_id));
}

std::optional<std::string> FileResolver::constant(std::string_view path) const {
  if (is_kaapana(path) || project_.paths().empty()) return std::nullopt;
  const std::string moved = canonical(path).value_or(std::string(path));
  const auto dot = moved.rfind('.');
  if (dot == std::string::npos || is_kaapana(moved)) return std::nullopt;
  const std::size_t file = project_.find_module(moved.substr(0, dot), path_);
  if (file == Project::npos) return std::nullopt;
  const auto& constants = project_.summary(file).constants;
  const auto found = constants.find(moved.substr(dot + 1));
  return found == constants.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> FileResolver::canonical(std::string_view path) const {
  if (is_kaapana(path) || project_.paths().empty()) return std::nullopt;
  auto known = followed_.find(path);
  if (known == followed_.end()) known = followed_.emplace(path, follow(path)).first;
  return known->second;
}

std::optional<std::string> FileResolver::follow(std::string_view path) const {
  std::string_view current = path;
  std::string_view importer = path_;
  std::string moved;  // what `current` is a view of after the first hop
  for (int hop = 0; hop < kMaxHops && !is_kaapana(current); ++hop) {
    bool followed = false;
    for (auto dot = current.rfind('.'); dot != std::string_view::npos && dot > 0 && !followed;
         dot = current.rfind('.', dot - 1)) {
      const std::size_t file = project_.find_module(current.substr(0, dot), importer);
      if (file == Project::npos) continue;
      const std::string_view rest = current.substr(dot + 1);
      const std::string_view name = rest.substr(0, rest.find('.'));
      if (!project_.may_import(file, name)) break;
      const ModuleSummary& summary = project_.summary(file);
      const auto found = summary.imported.find(name);
      std::string target;
      if (found != summary.imported.end()) {
        target = found->second;
      } else {
        const auto star = std::ranges::find_if(summary.stars, [&](const std::string& module) {
          return is_kaapana(module) && last_part(module, '.') == name;
        });
        if (star == summary.stars.end()) break;
        target = fmt::format("{}.{}", *star, name);
      }
      target += rest.substr(name.size());
      moved = std::move(target);
      current = moved;
      importer = project_.paths()[file];
      followed = true;
    }
    if (!followed) break;
  }
  if (moved.empty()) return std::nullopt;
  return moved;
}

std::string FileResolver::absolute(std::string_view relative) const {
  const auto dots = std::min(relative.find_first_not_of('.'), relative.size());
  std::string_view folder = kaapana_part(path_);
  for (std::size_t i = 0; i < dots; ++i) {
    const auto slash = folder.rfind('/');
    folder = slash == std::string_view::npos ? std::string_view{} : folder.substr(0, slash);
  }
  std::string module = as_module(folder);
  // At the root of the run the package has no name: a leading dot keeps it apart from Kaapana's.
  if (module.empty()) module = ".";
  if (dots < relative.size()) {
    if (module != ".") module += '.';
    module += relative.substr(dots);
  }
  return module;
}

}  // namespace dagfix
