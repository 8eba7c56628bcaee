#include "support/pair_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace dagfix::test {

namespace {

using Words = std::vector<std::string_view>;

struct Parameter {
  std::string_view name;
  Words values;
};

struct Family {
  std::string_view name;
  std::vector<Parameter> parameters;
};

const std::vector<Parameter>& common() {
  static const std::vector<Parameter> parameters = {
      {"retries", {"1", "RETRIES"}},         {"parallel_id", {"'a'", "f'p-{RETRIES}'"}},
      {"batch_name", {"'images'", "None"}},  {"trigger_rule", {"\"all_done\""}},
      {"ram_mem_mb_lmt", {"500"}},           {"max_active_tis_per_dag", {"2"}},
      {"delete_input_on_success", {"True"}}, {"input_operator", {"convert"}},
  };
  return parameters;
}

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"LocalGetInputDataOperator",
       {{"name", {"'get'", "NAME"}},
        {"data_type", {"'dicom'", "'json'", "KIND"}},
        {"data_form", {"None", "{'identifiers': []}"}},
        {"check_modality", {"False", "True"}},
        {"dataset_limit", {"None", "5"}},
        {"parallel_downloads", {"5"}},
        {"ram_mem_mb", {"100"}},
        {"exclude_custom_tag_property", {"'test_tag'"}}}},
      {"LocalGetRefSeriesOperator",
       {{"name", {"'ref'"}},
        {"search_policy", {"'reference_uid'", "\"study_uid\"", "None", "POLICY"}},
        {"modality", {"None", "'CT'"}},
        {"target_level", {"'batch_element'", "'batch'"}},
        {"dicom_tags", {"[]", "[{'id': 'StudyID', 'value': 'x'}]"}},
        {"expected_file_count", {"'all'", "3"}},
        {"limit_file_count", {"None", "1"}},
        {"pacs_dcmweb_host", {"'http://pacs'"}},
        {"aetitle", {"'KAAPANA'", "'OTHER'"}}}},
      {"LocalMinioOperator",
       {{"action", {"'put'", "\"put\"", "'get'", "'remove'", "ACTION"}},
        {"name", {"'put-files'", "None", "NAME"}},
        {"bucket_name", {"'downloads'", "None", "BUCKET", "'analysis-scripts'"}},
        {"action_operators",
         {"[convert]", "[convert, concat]", "images", "images + [concat]", "[*images, other]",
          "[op for op in images]", "make()", "[]"}},
        {"action_operator_dirs",
         {"[convert.operator_out_dir]", "[op.operator_out_dir for op in images]",
          "['convert', other.operator_out_dir]", "dirs", "['folder']"}},
        {"action_files", {"['a.json']", "('x/b.txt',)", "FILES"}},
        {"file_white_tuples", {"('.json')", "('.zip',)", "('pdf', '.html')", "'*'", "'_x.gz'"}},
        {"zip_files", {"True", "False", "ZIP"}},
        {"minio_host", {"'minio'"}},
        {"local_root_dir", {"'{run_dir}'", "'/data'"}}}},
      {"LocalJson2MetaOperator",
       {{"dicom_operator", {"get_input", "convert"}},
        {"json_operator", {"concat"}},
        {"jsonl_operator", {"None", "concat"}},
        {"no_update", {"True", "False", "UPDATE"}},
        {"check_in_pacs", {"False"}},
        {"set_dag_id", {"True"}}}},
      {"LocalDeleteFromMetaOperator",
       {{"delete_operator", {"None", "convert"}},
        {"delete_all_documents", {"False", "True"}},
        {"delete_complete_study", {"True"}},
        {"ram_mem_mb", {"50"}}}},
      {"LocalDeleteFromPacsOperator",
       {{"pacs_host", {"'pacs'"}},
        {"pacs_port", {"'11112'"}},
        {"pacs_aet", {"'KAAPANA'", "'OTHER'"}},
        {"delete_complete_study", {"False"}},
        {"wait_time", {"5"}}}},
  };
  return all;
}

/// The same as Kaapana 0.1.3 had them.
const std::vector<Family>& first_families() {
  static const std::vector<Family> all = {
      {"LocalGetInputDataOperator",
       {{"inputs", {"None"}},
        {"name", {"'get'", "NAME"}},
        {"data_type", {"'dicom'", "KIND"}},
        {"check_modality", {"False", "True"}},
        {"cohort_limit", {"None"}},
        {"parallel_downloads", {"5"}}}},
      {"LocalGetRefSeriesOperator",
       {{"name", {"'ref'"}},
        {"search_policy", {"'reference_uid'", "'study_uid'", "POLICY"}},
        {"modality", {"None", "'SEG'"}},
        {"expected_file_count", {"'all'", "1"}},
        {"aetitle", {"'KAAPANA'"}}}},
      {"LocalMinioOperator",
       {{"action", {"'put'", "'get'", "ACTION"}},
        {"name", {"'put-files'", "NAME"}},
        {"bucket_name", {"'downloads'", "None", "BUCKET"}},
        {"action_operators", {"[convert]", "[convert, other]", "images"}},
        {"file_white_tuples", {"('.json')", "('.zip',)"}},
        {"zip_files", {"True", "False"}}}},
      {"LocalJson2MetaOperator",
       {{"dicom_operator", {"convert"}},
        {"json_operator", {"other"}},
        {"no_update", {"True", "False"}},
        {"elastic_host", {"'elastic'"}},
        {"elastic_port", {"9200"}},
        {"elastic_index", {"'meta-index'"}},
        {"check_in_pacs", {"False"}}}},
  };
  return all;
}

class PairWriter {
 public:
  PairWriter(std::mt19937& random, Era era) : random_(random), era_(era) {}

  std::string write() {
    const auto& all = era_ == Era::v0_1 ? first_families() : families();
    for (const Family& family : all) {
      if (chance(55)) used_.push_back(&family);
    }
    if (used_.empty()) used_.push_back(&all[below(all.size())]);
    for (std::size_t i = 0; i < used_.size(); ++i) styles_.push_back(below(5));
    write_head();
    const std::size_t calls = 1 + below(5);
    for (std::size_t i = 0; i < calls; ++i) write_call(i);
    if (chance(15)) text_ += fmt::format("\nisinstance(task_0, {})\n", expression(0));
    if (chance(20)) {
      for (std::size_t at = 0; (at = text_.find('\n', at)) != std::string::npos; at += 2) {
        text_.replace(at, 1, "\r\n");
      }
    }
    return text_;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::string_view pick(const Words& words) { return words[below(words.size())]; }

  void write_head() {
    text_ += "from functools import partial\n\nfrom airflow.models import DAG\n";
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const std::string_view name = used_[i]->name;
      switch (styles_[i]) {
        case 0:
          text_ += fmt::format("from kaapana.operators.{0} import {0} as Op{1}\n", name, i);
          break;
        case 1:
          text_ += fmt::format("from kaapana.operators import {}\n", name);
          break;
        case 2:
          text_ += fmt::format("import kaapana.operators.{} as ops_{}\n", name, i);
          break;
        default:
          text_ += fmt::format("from kaapana.operators.{0} import {0}\n", name);
      }
    }
    if (era_ == Era::v0_1) {
      text_ +=
          "from kaapana.operators.KaapanaBaseOperator import KaapanaBaseOperator, "
          "default_registry\n"
          "from kaapana.operators.LocalUnzipFileOperator import LocalUnzipFileOperator\n";
    }
    text_ +=
        "from kaapana.operators.DcmConverterOperator import DcmConverterOperator\n"
        "from kaapana.operators.LocalConcatJsonOperator import LocalConcatJsonOperator\n"
        "from custom.OtherOperator import OtherOperator\n\n"
        "RETRIES, NAME, ZIP, UPDATE = settings()\n"
        "KIND = 'dicom'\nPOLICY = 'reference_uid'\nACTION = 'put'\nBUCKET = 'results'\n"
        "FILES = ['a.json']\n";
    const Words schedules = {"None", "None", "None", "'@daily'"};
    const Words tags = {"", "", "", ", tags=['service']", ", tags=TAGS", ", tags=['mine']"};
    text_ += fmt::format("dag = DAG(dag_id='pairs', schedule_interval={}{})\n", pick(schedules),
                         pick(tags));
    text_ +=
        "get_input = make_input(dag)\n"
        "convert = DcmConverterOperator(dag=dag, name='convert')\n"
        "concat = LocalConcatJsonOperator(dag=dag)\nother = OtherOperator(dag=dag)\n"
        "images = [convert, other]\ndirs = [convert.operator_out_dir]\n";
  }

  std::string expression(std::size_t family) {
    const std::string_view name = used_[family]->name;
    switch (styles_[family]) {
      case 0:
        return fmt::format("Op{}", family);
      case 1:
        return fmt::format("{0}.{0}", name);
      case 2:
        return fmt::format("ops_{}.{}", family, name);
      default:
        return std::string(name);
    }
  }

  using Arguments = std::vector<std::pair<std::string_view, std::string_view>>;

  Arguments arguments(const Family& family) {
    Arguments result{{"dag", "dag"}};
    for (const Parameter& parameter : family.parameters) {
      if (chance(45)) result.emplace_back(parameter.name, pick(parameter.values));
    }
    for (const Parameter& parameter : common()) {
      // LocalGetInputDataOperator sets it by itself.
      const bool is_set =
          parameter.name == "max_active_tis_per_dag" && family.name == "LocalGetInputDataOperator";
      if (!is_set && chance(8)) result.emplace_back(parameter.name, pick(parameter.values));
    }
    std::ranges::shuffle(result, random_);
    return result;
  }

  /// One line, one line each, with comments, with a trailing comma.
  std::string joined(const std::vector<std::string>& items) {
    const std::size_t layout = below(4);
    if (layout < 2) return fmt::format("{}", fmt::join(items, ", "));
    std::string text = "\n";
    for (std::size_t i = 0; i < items.size(); ++i) {
      text += "    " + items[i];
      if (i + 1 < items.size() || layout == 3) text += ",";
      if (chance(15)) text += "  # why";
      text += "\n";
    }
    return text;
  }

  static std::vector<std::string> keywords(const Arguments& given) {
    std::vector<std::string> items;
    for (const auto& [name, value] : given) items.push_back(fmt::format("{}={}", name, value));
    return items;
  }

  void write_call(std::size_t number) {
    const std::size_t family = below(used_.size());
    Arguments given = arguments(*used_[family]);
    const std::string name = fmt::format("task_{}", number);
    Arguments apart;
    const std::size_t style = below(8);
    if (style < 3) {
      const std::size_t half = given.size() / 2;
      apart.assign(given.begin() + static_cast<std::ptrdiff_t>(half), given.end());
      given.resize(half);
    }
    if (style == 0) {
      text_ += fmt::format("options_{} = dict({})\n", number, joined(keywords(apart)));
      auto items = keywords(given);
      items.push_back(fmt::format("**options_{}", number));
      text_ += fmt::format("{} = {}({})\n", name, expression(family), joined(items));
    } else if (style == 1) {
      auto items = keywords(given);
      std::vector<std::string> pairs;
      for (const auto& [key, value] : apart) pairs.push_back(fmt::format("'{}': {}", key, value));
      items.push_back("**{" + joined(pairs) + "}");
      text_ += fmt::format("{} = {}({})\n", name, expression(family), joined(items));
    } else if (style == 2) {
      auto items = keywords(given);
      items.insert(items.begin(), expression(family));
      text_ += fmt::format("make_{} = partial({})\n", number, joined(items));
      text_ += fmt::format("{} = make_{}({})\n", name, number, joined(keywords(apart)));
    } else {
      text_ += fmt::format("{} = {}({})\n", name, expression(family), joined(keywords(given)));
    }
  }

  std::mt19937& random_;
  Era era_;
  std::vector<const Family*> used_;
  std::vector<std::size_t> styles_;
  std::string text_;
};

}  // namespace

std::string write_pairs_dag(std::mt19937& random, Era era) {
  return PairWriter(random, era).write();
}

}  // namespace dagfix::test
