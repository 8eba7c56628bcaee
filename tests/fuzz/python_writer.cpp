#include "fuzz/python_writer.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "fuzz/vocabulary.hpp"

namespace dagfix::fuzz {

namespace {

constexpr std::size_t kMaxDepth = 3;
constexpr std::size_t kMaxLines = 60;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// A class that can be used at the current place.
struct KnownClass {
  std::string expression;
  const OperatorWords* words;
};

class PythonWriter {
 public:
  explicit PythonWriter(ByteSource& choices) : choices_(choices) {
    indent_unit_ = choices_.pick(std::array<std::string_view, 3>{"    ", "  ", "\t"});
  }

  std::string write() {
    const std::size_t start = choices_.below(8);
    if (start == 1) line("# -*- coding: utf-8 -*-");
    if (start == 2) line("\"\"\"About form_data.\"\"\"");
    if (start == 3) line("from __future__ import annotations");
    if (start == 4) line("#!/usr/bin/env python3");
    while (choices_.chance(70) && count_ < kMaxLines) import_statement();
    dag_statement();
    while (!choices_.empty() && count_ < kMaxLines) statement();
    return finished();
  }

 private:
  // Lines

  void line(std::string_view text) {
    std::string indented = indent();
    indented += replaced(std::string(text), "\n", "\n" + indent());
    if (choices_.chance(12)) {
      indented += "  ";
      indented += choices_.pick(kComments);
    }
    text_ += indented + "\n";
    if (choices_.chance(6)) text_ += choices_.chance(50) ? "\n\n" : "   \n";
    ++count_;
  }

  std::string indent() const {
    std::string result;
    for (std::size_t i = 0; i < depth_; ++i) result += indent_unit_;
    return result;
  }

  template <typename Body>
  void block(std::string_view head, Body body) {
    line(head);
    ++depth_;
    body();
    --depth_;
  }

  std::string finished() {
    std::string text = std::move(text_);
    const std::size_t style = choices_.below(16);
    if (style & 1) text = replaced(std::move(text), "\n", "\r\n");
    if (style == 2 && !text.empty()) text.pop_back();
    if (style == 3) text.insert(0, "\xef\xbb\xbf");
    if (style == 4) text += "\f\n";
    return text;
  }

  // Imports

  void import_statement() {
    if (choices_.chance(15)) return import_client();
    if (choices_.chance(12)) return import_other();
    const OperatorWords& words = choices_.pick(kOperators);
    const std::string name(words.name);
    const std::string module = "kaapana.operators." + name;
    const std::string from = "from " + module + " import " + name;
    switch (choices_.below(16)) {
      case 1:
        line(from + " as Alias");
        return know("Alias", words);
      case 2:
        line("import " + module);
        return know(module + "." + name, words);
      case 3:
        line("import " + module + " as mod");
        return know("mod." + name, words);
      case 4:
        line("from kaapana.operators import " + name);
        return know(name + "." + name, words);
      case 5:
        line("from kaapana.operators import " + name + " as mod");
        return know("mod." + name, words);
      case 6:
        if (depth_ == 0)
          line("from " + module + " import *");
        else
          line(from);
        return know(name, words);
      case 7:
        line("from " + module + " import (\n    " + name + ",  # why\n    os as o,\n)");
        return know(name, words);
      case 8:
        line("try:\n    " + from + "\nexcept ImportError:\n    " + name + " = None");
        return know(name, words);
      case 9:
        line("try:\n    from kaapana.operators.GetInputOperator import GetInputOperator as " +
             name + "\nexcept (ImportError, KeyError):\n    " + from);
        return know(name, words);
      case 10:
        line("if TYPE_CHECKING:\n    " + from);
        return know(name, words);
      case 11:
        line("import os; " + from + "; import sys");
        return know(name, words);
      case 12:
        line("from " + module + " \\\n    import " + name);
        return know(name, words);
      case 13:
        line("from " + module + " import " + name + ", " + name + " as Second, helper");
        know("Second", words);
        return know(name, words);
      case 14:
        line("from .ops." + name + " import " + name);
        return know(name, words);
      case 15:
        line("from  " + module + "\timport  ( " + name + " )");
        return know(name, words);
      default:
        line(from);
        return know(name, words);
    }
  }

  void import_client() {
    constexpr std::array<std::string_view, 6> kImports = {
        "from kaapana.operators.HelperMinio import HelperMinio",
        "from kaapana.operators.HelperMinio import HelperMinio, apply_action_to_file",
        "from kaapanapy.helper import get_minio_client",
        "import kaapana.operators.HelperMinio",
        "from kaapana.operators import HelperMinio as helper",
        "from kaapana.operators.HelperMinio import HelperMinio as Minio"};
    const std::size_t chosen = has_client_ ? choices_.below(kImports.size()) : choices_.below(2);
    has_client_ = true;
    line(kImports[chosen]);
  }

  void import_other() {
    line(choices_.pick(std::array<std::string_view, 8>{
        "import os, json", "from functools import partial", "from typing import TYPE_CHECKING",
        "from airflow.models import DAG", "from datetime import timedelta, \\\n    datetime",
        "from airflow.decorators import dag as make_dag", "import functools, kaapana",
        "from kaapana.blueprints.kaapana_global_variables import (\n    BATCH_NAME,\n)"}));
  }

  void know(std::string expression, const OperatorWords& words) {
    classes_.push_back({std::move(expression), &words});
  }

  // Parts of expressions

  std::string task() { return tasks_.empty() ? "None" : choices_.pick(tasks_); }

  std::string string_literal() {
    const std::string value(choices_.pick(kStrings));
    const std::size_t half = value.size() / 2;
    const std::string first = value.substr(0, half);
    const std::string second = value.substr(half);
    switch (choices_.below(12)) {
      case 1:
        return "'" + value + "'";
      case 2:
        return "'''" + value + "'''";
      case 3:
        return "r\"" + value + "\"";
      case 4:
        return "f'" + value + "'";
      case 5:
        return "(\"" + first + "\"\n    '" + second + "')";
      case 6:
        return "'" + first + "' + \"" + second + "\"";
      case 7:
        return "\"" + first + "\" \"" + second + "\"";
      case 8:
        return "u'\\x" + std::string(hex_of(value[0])) + value.substr(1) + "'";
      case 9:
        return "KEY";
      case 10:
        return "b'" + value + "'";
      case 11:
        return "f\"" + first + "{x}" + second + "\"";
      default:
        return "\"" + value + "\"";
    }
  }

  static std::string hex_of(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(c);
    return {kDigits[code >> 4], kDigits[code & 15]};
  }

  /// Fills in the places of a phrase.
  std::string filled(std::string_view phrase) {
    std::string result;
    for (std::size_t i = 0; i < phrase.size(); ++i) {
      if (phrase[i] != '$') {
        result += phrase[i];
        continue;
      }
      switch (phrase[++i]) {
        case 't':
          result += task();
          break;
        case 's':
          result += string_literal();
          break;
        case 'c':
          result += choices_.pick(kConfs);
          break;
        case 'l':
          result +=
              choices_.chance(50) ? "labels" : "{\"network-access\": " + string_literal() + "}";
          break;
        default:
          break;
      }
    }
    return result;
  }

  // Calls

  std::string call(const KnownClass& known) {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < known.words->positional.size() && choices_.chance(25); ++i) {
      arguments.push_back(filled(known.words->positional[i]));
    }
    std::vector<std::string> used;
    while (choices_.chance(75) && arguments.size() < 8) {
      const std::string_view phrase = choices_.chance(40) ? choices_.pick(kCommonArguments)
                                                          : choices_.pick(known.words->arguments);
      const bool unpacks = phrase.starts_with('*');
      std::string key(phrase.substr(0, phrase.find('=')));
      if (unpacks && !phrase.starts_with("**")) key = "*";
      // Keywords may be given once, and nothing but ** may follow a **.
      if (std::ranges::find(used, key) != used.end()) continue;
      if (key == "*" &&
          std::ranges::any_of(used, [](const auto& u) { return u.starts_with("**"); })) {
        continue;
      }
      used.push_back(key);
      std::string argument = filled(phrase);
      if (!unpacks && choices_.chance(10)) {
        argument.replace(argument.find('='), 1, choices_.chance(50) ? " = " : "= ");
      }
      arguments.push_back(std::move(argument));
    }
    return known.expression + spaces() + arranged(arguments);
  }

  std::string spaces() { return choices_.chance(5) ? " " : ""; }

  /// An argument list in one of many layouts.
  std::string arranged(const std::vector<std::string>& arguments) {
    const std::size_t layout = choices_.below(6);
    if (layout < 2 || arguments.empty()) {
      std::string list = "(";
      for (const std::string& argument : arguments) {
        if (list.size() > 1) list += layout == 1 ? " ,  " : ", ";
        list += argument;
      }
      return list + (layout == 1 && !arguments.empty() ? " ,)" : ")");
    }
    std::string list = layout == 2 ? "(" : "(\n    ";
    if (layout == 5) list = "(  # the arguments\n\n    ";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const bool last = i + 1 == arguments.size();
      list += arguments[i];
      if (!last || layout == 3 || layout == 5) list += ",";
      if (choices_.chance(12))
        list += "  # comment, with (";
      else if (last && layout == 4)
        break;
      list += last ? "\n" : "\n    ";
    }
    return list + ")";
  }

  // Statements

  void dag_statement() {
    switch (choices_.below(6)) {
      case 1:
        line("dag = DAG(dag_id='own', default_args=args, schedule_interval='@daily')");
        break;
      case 2:
        line("dag = DAG(dag_id='own', schedule_interval=None, tags=['service'])");
        break;
      case 3:
        line("args = {'ui_forms': {'workflow_form': {'properties': {'zip_files': {}}}}}");
        line(
            "dag = DAG(dag_id=\"delete-series-from-platform\",\n          default_args=args,\n"
            "          schedule_interval=None,\n          )");
        break;
      case 4:
        if (depth_ < kMaxDepth) {
          block("with DAG('own', schedule_interval=None) as dag:", [&] { body(); });
          break;
        }
        [[fallthrough]];
      case 5:
        line("dag = None");
        break;
      default:
        line("dag = DAG(dag_id='own', schedule_interval=None)");
        break;
    }
  }

  void body() {
    statement();
    while (choices_.chance(60) && count_ < kMaxLines) statement();
  }

  void statement() {
    switch (choices_.below(12)) {
      case 1:
      case 2:
      case 3:
      case 4:
        return operator_statement();
      case 5:
      case 6:
        return phrase_statement(kConfStatements);
      case 7:
        // What runs before its import is wrong already.
        return has_client_ ? phrase_statement(kClientStatements) : import_client();
      case 8:
        return phrase_statement(kOtherStatements);
      case 9:
        return class_statement();
      case 10:
        return compound_statement();
      case 11:
        return import_statement();
      default:
        return line("pass");
    }
  }

  void operator_statement() {
    if (classes_.empty()) return import_statement();
    const std::string made = call(choices_.pick(classes_));
    if (choices_.chance(10)) return line(made);
    std::string name = "task";
    name += std::to_string(tasks_.size());
    line(name + (choices_.chance(5) ? "=" : " = ") + made);
    tasks_.push_back(std::move(name));
  }

  template <typename List>
  void phrase_statement(const List& list) {
    std::string text = filled(choices_.pick(list));
    line(text);
  }

  void class_statement() {
    if (classes_.empty()) return import_statement();
    const KnownClass known = choices_.pick(classes_);
    std::string text = filled(
        replaced(replaced(std::string(choices_.pick(kClassStatements)), "$C", known.expression),
                 "$n", known.words->name));
    line(text);
  }

  void compound_statement() {
    if (depth_ >= kMaxDepth) return line("pass");
    switch (choices_.below(8)) {
      case 1:
        block("if \"form_data\" in conf:", [&] { body(); });
        return block("else:", [&] { body(); });
      case 2:
        return block("for n in names:", [&] { body(); });
      case 3:
        return scope("def make(dag, conf, **kwargs):");
      case 4:
        return scope("class Made:");
      case 5:
        block("try:", [&] { body(); });
        return block("except (ImportError, KeyError) as error:", [&] { body(); });
      case 6:
        return scope("async def start(ds, **kwargs):");
      case 7:
        line("@make_dag(dag_id='decorated', schedule_interval=None, tags=tags)");
        return scope("def decorated():");
      default:
        return block("while False:", [&] { body(); });
    }
  }

  /// What is bound in a scope is not used behind it.
  void scope(std::string_view head) {
    const std::size_t classes = classes_.size();
    const std::size_t tasks = tasks_.size();
    const bool has_client = has_client_;
    block(head, [&] { body(); });
    classes_.resize(std::min(classes, classes_.size()), KnownClass{{}, nullptr});
    tasks_.resize(std::min(tasks, tasks_.size()));
    has_client_ = has_client;
  }

  ByteSource& choices_;
  std::string_view indent_unit_;
  std::string text_;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
  std::vector<KnownClass> classes_;
  std::vector<std::string> tasks_;
  bool has_client_ = false;
};

}  // namespace

std::string write_python(ByteSource& choices) { return PythonWriter(choices).write(); }

}  // namespace dagfix::fuzz
