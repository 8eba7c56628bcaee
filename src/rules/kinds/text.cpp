#include <fmt/format.h>

#include <algorithm>

#include "rules/arguments.hpp"
#include "rules/code/conf.hpp"
#include "rules/environment.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

using Form = TextEntry::Form;

/// Methods of a MinIO client, and of what Kaapana makes of it, that take the bucket first.
constexpr std::string_view kBucketMethods[] = {
    "fput_object",   "fget_object",          "put_object",    "get_object",  "stat_object",
    "remove_object", "remove_objects",       "list_objects",  "put_file",    "get_file",
    "remove_file",   "presigned_get_object", "bucket_exists", "make_bucket", "get_json",
    "put_json",      "get_presigned_link",   "copy_object",   "fetch_object"};

/// Functions whose arguments are paths.
constexpr std::string_view kPathFunctions[] = {"join",     "Path",     "open",  "listdir", "glob",
                                               "exists",   "makedirs", "isdir", "isfile",  "copy",
                                               "copyfile", "copytree", "move",  "walk",    "rglob"};

bool is_docstring(Node literal) { return literal.parent().is(Kind::expression_statement); }

std::string_view callee_of(Node argument) {
  const Node list = argument.parent();
  if (!list.is(Kind::argument_list)) return {};
  const Node function = list.parent().child(Field::function);
  return function.is(Kind::attribute) ? function.child(Field::attribute).text() : function.text();
}

/// What stands in a string before, between and behind its fields, as it is spelled.
struct Piece {
  ByteRange range;
  std::string_view text;
  bool begins = false;  ///< Nothing of the string stands before.
  bool ends = false;    ///< Nothing of the string follows.
};

std::vector<Piece> pieces_of(Node literal) {
  std::vector<Piece> pieces;
  bool begins = true;
  for (Node child = literal.first_child(); child; child = child.next_sibling()) {
    if (child.is(Kind::string_content)) {
      pieces.push_back({child.range(), child.text(), begins, false});
      begins = false;
    } else if (child.is(Kind::interpolation)) {
      begins = false;
    } else if (child.is(Kind::string_end) && !pieces.empty()) {
      pieces.back().ends = pieces.back().range.end == child.begin();
    }
  }
  return pieces;
}

/// The range of a text in a literal for which `fits(piece, offset)` holds.
template <typename Fits>
std::optional<ByteRange> find_piece(Node literal, std::string_view wanted, const Fits& fits) {
  for (const Piece& piece : pieces_of(literal)) {
    for (auto at = piece.text.find(wanted); at != std::string_view::npos;
         at = piece.text.find(wanted, at + 1)) {
      if (!fits(piece, at)) continue;
      const auto begin = piece.range.begin + static_cast<std::uint32_t>(at);
      return ByteRange{begin, begin + static_cast<std::uint32_t>(wanted.size())};
    }
  }
  return std::nullopt;
}

class TextChecker {
 public:
  TextChecker(const RuleContext& context, const TextEntry& entry)
      : context_(context), entry_(entry), conf_(context.model) {}

  void run() {
    if (entry_.containers && is_loaded_by_airflow(context_.model)) return;
    if (!context_.dags.empty() && std::ranges::all_of(context_.dags, [&](const DagInfo& dag) {
          return std::ranges::find_first_of(dag.tags, entry_.unless_tags) != dag.tags.end();
        })) {
      return;
    }
    for (std::uint32_t id = 0; id < context_.tree().size(); ++id) {
      const Node node = context_.tree().node(id);
      if (entry_.form == Form::conf) {
        if (const auto use = key_use(node)) check_conf(*use);
      } else if (entry_.form == Form::bucket) {
        if (node.is(Kind::argument_list)) check_buckets(node);
      } else if (node.is(Kind::string) && !is_docstring(node)) {
        check_literal(node);
      }
    }
  }

 private:
  void check_literal(Node literal) {
    switch (entry_.form) {
      case Form::value:
        return check_value(literal);
      case Form::path:
        return check_path(literal);
      case Form::part:
        return check_part(literal);
      case Form::variable:
        return check_variable(literal);
      case Form::image:
        return check_image(literal);
      default:
        return;
    }
  }

  bool is_whole(Node literal) const {
    return !literal.parent().is(Kind::concatenated_string) &&
           string_value(literal) == entry_.old_value;
  }

  void check_value(Node literal) {
    if (is_whole(literal)) report(literal.range(), plain_content(literal));
  }

  void check_path(Node literal) {
    const auto found = find_piece(literal, entry_.old_value, [&](const Piece& piece, auto at) {
      const auto end = at + entry_.old_value.size();
      const bool closes = end == piece.text.size() ? piece.ends : piece.text[end] == '/';
      return piece.begins && at == 0 && closes;
    });
    if (!found || literal.ancestor(Kind::decorator)) return;
    const bool is_argument =
        std::ranges::find(kPathFunctions, callee_of(literal)) != std::ranges::end(kPathFunctions);
    if (is_argument || runs_on_platform(context_.model)) report(*found, found);
  }

  void check_part(Node literal) {
    const auto found = find_piece(literal, entry_.old_value, [&](const Piece& piece, auto at) {
      const auto end = at + entry_.old_value.size();
      if (end == piece.text.size()) return piece.ends;
      return piece.text[end] == '/' || piece.text[end] == '?';
    });
    if (found && runs_on_platform(context_.model)) report(*found, found);
  }

  void check_variable(Node literal) {
    if (!is_whole(literal)) return;
    if (!entry_.classes.empty()) {
      const Node call = call_with_variable(literal);
      const auto symbol = context_.model.resolve(call.child(Field::function));
      if (!symbol || !symbol->certain) return;
      if (std::ranges::find(entry_.classes, symbol->path) == entry_.classes.end()) return;
      return report(literal.range(), plain_content(literal));
    }
    // A project whose own operators set the variable may go on to read it.
    if (context_.project.facts.set_variables.contains(entry_.old_value)) return;
    if (is_read_variable(literal)) report(literal.range(), plain_content(literal));
  }

  void check_image(Node literal) {
    const auto found = find_piece(literal, entry_.old_value, [&](const Piece& piece, auto at) {
      const auto end = at + entry_.old_value.size();
      const bool opens = at > 0 ? piece.text[at - 1] == '/' : piece.begins && is_image(literal);
      const bool closes = end == piece.text.size() ? piece.ends : piece.text[end] == ':';
      return opens && closes && (is_image(literal) || piece.text.substr(end).starts_with(':'));
    });
    if (found) report(*found, found);
  }

  /// image="...", {"image": "..."}, IMAGE = "..."
  static bool is_image(Node literal) {
    const Node parent = literal.parent();
    std::string_view name;
    if (parent.is(Kind::keyword_argument)) name = parent.child(Field::name).text();
    if (parent.is(Kind::assignment)) name = parent.child(Field::left).text();
    if (parent.is(Kind::pair) && literal.field() == Field::value) {
      name = parent.child(Field::key).text();
    }
    return name.contains("image") || name.contains("IMAGE");
  }

  void check_buckets(Node arguments) {
    const Node call = arguments.parent();
    if (!call.is(Kind::call)) return;
    const auto symbol = context_.model.resolve(call.child(Field::function));
    // What becomes of their buckets is decided with their other arguments.
    if (symbol && symbol->path.ends_with("MinioOperator")) return;
    const Node function = call.child(Field::function);
    const bool takes_bucket =
        function.is(Kind::attribute) &&
        std::ranges::find(kBucketMethods, function.child(Field::attribute).text()) !=
            std::ranges::end(kBucketMethods);
    bool is_first = true;
    for (const Node argument : arguments.named_children()) {
      if (argument.is(Kind::keyword_argument)) {
        if (argument.child(Field::name).text() == "bucket_name") {
          check_bucket(argument.child(Field::value));
        }
      } else if (is_first && takes_bucket) {
        check_bucket(argument);
      }
      is_first = false;
    }
  }

  void check_bucket(Node value) {
    const auto constant = context_.model.constant(value);
    if (!constant || constant->value != entry_.old_value) return;
    const bool here = constant->literal && !constant->through_name;
    report(value.range(), here ? plain_content(constant->literal) : std::nullopt);
  }

  void check_conf(const KeyUse& use) {
    const auto constant = context_.model.constant(use.key);
    if (!constant || constant->value != entry_.old_value || !conf_.is_conf(use.container)) return;
    report(use.key.range(), std::nullopt);
  }

  void report(ByteRange place, std::optional<ByteRange> content) {
    DraftFinding finding;
    finding.range = place;
    finding.severity = entry_.severity;
    finding.message = entry_.reason;
    finding.remedy = entry_.otherwise;
    if (!entry_.new_value.empty()) {
      finding.remedy = fmt::format("write '{}'", entry_.new_value);
      if (!entry_.otherwise.empty()) finding.remedy += "; " + entry_.otherwise;
      if (content) {
        FixDraft fix;
        fix.safety = entry_.safety.value_or(context_.rule->info.safety);
        fix.title = fmt::format("replace '{}' by '{}'", entry_.old_value, entry_.new_value);
        fix.edits = {{*content, entry_.new_value}};
        finding.fix = std::move(fix);
      }
    }
    context_.report(std::move(finding));
  }

  const RuleContext& context_;
  const TextEntry& entry_;
  ConfFinder conf_;
};

}  // namespace

void check_text(const RuleContext& context) {
  for (const TextEntry& entry : context.rule->texts) {
    if (context.rules.in_range(entry.since, entry.until)) TextChecker(context, entry).run();
  }
}

}  // namespace dagfix
