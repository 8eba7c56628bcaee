#include "rules/api/constructors.hpp"

#include <algorithm>
#include <iterator>

namespace dagfix {

namespace {

constexpr int kMostBases = 8;

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// "a, b=[1, 2], *c" cut at the commas between parameters.
std::vector<std::string_view> split_parameters(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[' || c == '(' || c == '{') {
      ++depth;
    } else if (c == ']' || c == ')' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 2;
    }
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace

void Signature::add(std::string_view parameter) {
  if (parameter.starts_with("**")) {
    has_rest = true;
  } else if (parameter.starts_with('*')) {
    is_keyword_only = true;
    has_list = parameter.size() > 1;
  } else {
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (name.size() == parameter.size()) required.push_back(name);
    if (!is_keyword_only) positional.push_back(name);
    all.push_back(name);
  }
}

bool Signature::takes(std::string_view name) const { return contains(all, name); }

Signature read_signature(std::string_view function) {
  Signature signature;
  const std::size_t begin = function.find('(') + 1;
  for (const std::string_view parameter :
       split_parameters(function.substr(begin, function.size() - begin - 1))) {
    signature.add(parameter);
  }
  return signature;
}

std::optional<ApiLostArgument> ConstructorChain::refusal(std::string_view keyword) const {
  using enum ApiLostArgument::Refusal;
  for (const Constructor* constructor : constructors_) {
    if (constructor->signature.takes(keyword)) return std::nullopt;
    const std::string_view owner = constructor->owner;
    if (!constructor->signature.has_rest) {
      const auto how = owner.starts_with("airflow.") ? illegal : unexpected;
      return ApiLostArgument{std::string(keyword), how, std::string(owner)};
    }
    if (contains(constructor->given, keyword) && constructor->passes_rest) {
      return ApiLostArgument{std::string(keyword), twice, std::string(owner)};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> ConstructorChain::keywords() const {
  std::vector<std::string_view> keywords;
  for (std::size_t i = 0; i < own_; ++i) {
    std::ranges::copy(constructors_[i]->signature.all, std::back_inserter(keywords));
  }
  return keywords;
}

std::vector<std::string_view> ConstructorChain::given() const {
  std::vector<std::string_view> given;
  for (std::size_t i = 0; i < own_ && constructors_[i]->passes_rest; ++i) {
    std::ranges::copy(constructors_[i]->given, std::back_inserter(given));
  }
  return given;
}

std::vector<std::string_view> ConstructorChain::required() const {
  std::vector<std::string_view> required;
  for (std::size_t i = 0; i < own_; ++i) {
    for (const std::string_view name : constructors_[i]->signature.required) {
      const bool is_given =
          std::any_of(constructors_.begin(), constructors_.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const Constructor* above) {
                        return contains(above->given, name) || above->signature.takes(name);
                      });
      if (!is_given) required.push_back(name);
    }
  }
  return required;
}

const ConstructorChain& Constructors::chain(std::string_view path) {
  if (const auto known = chains_.find(path); known != chains_.end()) return known->second;
  ConstructorChain& chain = chains_[std::string(path)];
  bool is_own = true;
  for (int i = 0; i < kMostBases; ++i) {
    is_own = is_own && !path.starts_with("airflow.");
    const Constructor* constructor = find(path);
    if (!constructor) break;
    if (is_own) ++chain.own_;
    chain.constructors_.push_back(constructor);
    if (!constructor->passes_rest) break;
    path = constructor->base;
  }
  return chain;
}

const Constructor* Constructors::find(std::string_view path) {
  auto known = constructors_.find(path);
  if (known == constructors_.end()) known = constructors_.emplace(path, read(path)).first;
  return known->second ? &*known->second : nullptr;
}

std::optional<Constructor> Constructors::read(std::string_view path) const {
  Constructor result;
  for (int i = 0; i < kMostBases; ++i) {
    const ApiBlock* block = history_.find("class", path, version_);
    if (!block) return std::nullopt;
    bool has_constructor = false;
    std::string_view base;
    for (const ApiMember& member : block->members(version_)) {
      if (member.kind == "base" && (base.empty() || !history_.find("class", base, version_))) {
        if (base.empty() || history_.find("class", member.text, version_)) base = member.text;
      } else if (member.kind == "init") {
        has_constructor = true;
      } else if (member.kind == "param") {
        result.signature.add(member.text);
      } else if (member.kind == "passes") {
        result.passes_rest = true;
      } else if (member.kind == "super") {
        result.given.push_back(member.name());
      }
    }
    if (has_constructor) {
      result.owner = block->path;
      result.base = base;
      return result;
    }
    path = base;
  }
  return std::nullopt;
}

}  // namespace dagfix
