#pragma once

#include <array>
#include <span>
#include <string_view>

/// What Kaapana DAGs are made of. `$t` stands for a task, `$s` for one of the strings that rules
/// know, `$c` for a conf, `$l` for a dictionary of labels.
namespace dagfix::fuzz {

struct OperatorWords {
  std::string_view name;  ///< Of the class; its module has the same name.
  std::span<const std::string_view> arguments;
  std::span<const std::string_view> positional;
};

inline constexpr std::array<std::string_view, 24> kCommonArguments = {
    "dag=dag",
    "name='step'",
    "input_operator=$t",
    "operator_in_dir='in'",
    "parallel_id='a'",
    "retries=1",
    "trigger_rule=\"all_done\"",
    "batch_name=str(KEY)",
    "ram_mem_mb=100",
    "ram_mem_mb_lmt=200",
    "execution_timeout=timedelta(minutes=5)",
    "max_active_tis_per_dag=3",
    "labels=$l",
    "display_name=$s",
    "env_vars={\"ORIG_IMAGE_OPERATOR_DIR\": $t.operator_out_dir}",
    "delete_input_on_success=True",
    "**extra",
    "*rest",
    "**{'name': 'step', \"retries\": 2}",
    "python_callable=None",
    "start_date=days_ago(0)",
    "op_kwargs={$s: $c}",
    "pool=pool if pool else ''",
    "whitelist_federated_learning=[\n    $s,  # first\n]"};

inline constexpr std::array<std::string_view, 8> kInputArguments = {
    "data_type='dicom'",   "data_type=kind",       "data_form=None",     "data_form=$c",
    "check_modality=True", "check_modality=False", "dataset_limit=None", "parallel_downloads=5"};
inline constexpr std::array<std::string_view, 12> kReferenceArguments = {
    "search_policy='reference_uid'",
    "search_policy=\"study_uid\"",
    "search_policy=None",
    "modality=None",
    "modality='CT'",
    "dicom_tags=[]",
    "target_level='batch_element'",
    "expected_file_count='all'",
    "limit_file_count=None",
    "pacs_dcmweb_host='ctp'",
    "aetitle=None",
    "parallel_downloads=3"};
inline constexpr std::array<std::string_view, 16> kMinioArguments = {
    "action='put'",
    "action=\"get\"",
    "action='remove'",
    "action=act",
    "bucket_name='downloads'",
    "bucket_name=None",
    "action_operators=[$t]",
    "action_operators=[$t, $t]",
    "action_operator_dirs=[$t.operator_out_dir]",
    "action_files=['a.ipynb', ]",
    "file_white_tuples=('.zip')",
    "file_white_tuples=('.html', \".pdf\")",
    "zip_files=True",
    "minio_host='minio'",
    "minio_port='9000'",
    "local_root_dir='{run_dir}'"};
inline constexpr std::array<std::string_view, 7> kMetaArguments = {
    "delete_operator=None", "delete_all_documents=True", "delete_complete_study=False",
    "dicom_operator=$t",    "json_operator=$t",          "check_in_pacs=False",
    "no_update=True"};
inline constexpr std::array<std::string_view, 5> kPacsArguments = {
    "pacs_host='ctp'", "pacs_port='11112'", "pacs_aet=None", "wait_time=5",
    "delete_complete_study=True"};
inline constexpr std::array<std::string_view, 6> kSendArguments = {
    "ae_title='dataset'", "pacs_host='host'",   "pacs_port=1",
    "level='batch'",      "check_arrival=True", "ram_mem_mb=50"};
inline constexpr std::array<std::string_view, 4> kThumbnailArguments = {
    "orig_image_operator=$t", "get_ref_series_operator=$t", "size=300", "orig_image_operator=None"};
inline constexpr std::array<std::string_view, 5> kTriggerArguments = {
    "trigger_dag_id='delete-series-from-platform'", "trigger_dag_id=$s", "trigger_dag_ids=[$s, $s]",
    "wait_till_done=True", "cache_operators=[]"};
inline constexpr std::array<std::string_view, 3> kPositional = {"dag", "None", "$s"};

inline constexpr std::array<OperatorWords, 12> kOperators = {{
    {"LocalGetInputDataOperator", kInputArguments, kPositional},
    {"LocalMinioOperator", kMinioArguments, kPositional},
    {"LocalGetRefSeriesOperator", kReferenceArguments, kPositional},
    {"LocalDeleteFromMetaOperator", kMetaArguments, kPositional},
    {"LocalDeleteFromPacsOperator", kPacsArguments, kPositional},
    {"LocalJson2MetaOperator", kMetaArguments, kPositional},
    {"DcmSendOperator", kSendArguments, kPositional},
    {"GenerateThumbnailOperator", kThumbnailArguments, kPositional},
    {"LocalDagTriggerOperator", kTriggerArguments, kPositional},
    {"GetInputOperator", kInputArguments, kPositional},
    {"MinioOperator", kMinioArguments, kPositional},
    {"LocalWorkflowCleanerOperator", kSendArguments, kPositional},
}};

inline constexpr std::array<std::string_view, 14> kStrings = {
    "form_data",
    "workflow_form",
    "network-access",
    "opensearch",
    "ctp",
    "convert-nifitis-to-dicoms-and-import-to-pacs",
    "import-dicoms-in-zip-to-internal-pacs",
    "delete-series-from-platform",
    "nnunet-model-management",
    "service-extract-metadata",
    "LocalGetInputDataOperator",
    "LocalMinioOperator",
    "ORIG_IMAGE_OPERATOR_DIR",
    "plain"};

inline constexpr std::array<std::string_view, 12> kConfs = {"conf",
                                                            "dag_run.conf",
                                                            "kwargs[\"dag_run\"].conf",
                                                            "self.conf",
                                                            "config",
                                                            "(conf or {})",
                                                            "context['dag_run'].conf",
                                                            "json.load(open('conf.json'))",
                                                            "request.json",
                                                            "kwargs.get('conf')",
                                                            "dict(conf)",
                                                            "conf.copy()"};

inline constexpr std::array<std::string_view, 24> kConfStatements = {
    "form = $c[\"form_data\"]",
    "form = $c['form_data']['x']",
    "form = $c.get($s, {})",
    "form = $c.get(\"form_data\", {}).get('x', None)",
    "$c[$s] = {'x': 1}",
    "conf = {\"form_data\": {\"x\": 1}, 'other': 2}",
    "conf = dict(form_data={}, other=1)",
    "print(f\"{conf['form_data']['x']} and more\")",
    "forms = [c['form_data'] for c in confs]",
    "conf.update({'form_data': form})",
    "form = $c.pop('form_data', None)",
    "if 'form_data' in $c and $c['form_data'] is not None: form = $c[\"form_data\"]",
    "form = ($c.get('workflow_form')\n        or $c.get('form_data'))",
    "del conf['form_data']",
    "form = (lambda c: c['form_data'])($c)",
    "form_data = $c['form_data']; print(form_data)",
    "template = \"{{ dag_run.conf['form_data']['x'] }}\"",
    "conf.setdefault(\"form_data\", {})",
    "assert \"form_data\" not in $c, 'no form_data'",
    "requests.post(url, data={'form_data': 1})",
    "form = $c['form_data'] if 'form_data' in $c else {}",
    "x = $c[f'form_data']",
    "(form := $c.get('form_data'))",
    "form = {**$c['form_data'], 'x': 1}"};

inline constexpr std::array<std::string_view, 22> kClientStatements = {
    "client = HelperMinio(dag_run=dag_run)",
    "client = HelperMinio(username=\"system\")",
    "client = HelperMinio(access_token=token)",
    "client = HelperMinio()",
    "client = HelperMinio(dag_run)",
    "client: HelperMinio = HelperMinio(dag_run=dag_run)",
    "client.put_file('bucket', 'object', path)",
    "client.get_file(\n    bucket_name='b',\n    object_name='o',  # what\n    file_path=path)",
    "client.remove_file('bucket', $s)",
    "client.list_objects('bucket', recursive=True)",
    "client.make_bucket('bucket')",
    "client.get_json('bucket', 'object')",
    "client.apply_action_to_file('put', 'bucket', 'object', path, file_white_tuples=('.zip',))",
    "client.apply_action_to_object_names(\"get\", \"bucket\", root, names)",
    "client.get_presigned_link('b', 'o', expires=day)",
    "client.get_presigned_link('b', 'o')",
    "HelperMinio(dag_run=dag_run).put_file('b', 'o', 'f')",
    "use(client)",
    "HelperMinio.apply_action_to_object_dirs(HelperMinio.minioClient, 'put', 'b', 'r', [])",
    "self.client = HelperMinio(dag_run=dag_run); self.client.put_file('b', 'o', 'f')",
    "put = client.put_file",
    "isinstance(client, HelperMinio)"};

inline constexpr std::array<std::string_view, 18> kOtherStatements = {
    "KEY = \"form_data\"",
    "labels = {\"network-access\": \"opensearch\"}",
    "labels['network-access'] = 'external-ips'",
    "labels = {**labels, $s: \"ctp\"}",
    "dag_id = 'import-dicoms-in-zip-to-internal-pacs'",
    "if dag_id == $s: dag_id = $s",
    "ids = [$s, $s,\n       $s]",
    "trigger(dag_id=$s, conf=$c)",
    "folder = os.getenv(\"ORIG_IMAGE_OPERATOR_DIR\")",
    "folder = os.environ['ORIG_IMAGE_OPERATOR_DIR']",
    "extra = dict(ram_mem_mb=10, zip_files=True)",
    "extra = {\"action\": \"put\", 'display_name': 'x'}",
    "rest = [None]",
    "pass",
    "$t >> $t >> [$t]",
    "\"\"\"form_data and\nLocalMinioOperator\"\"\"",
    "x = $s",
    "if \"LocalGetInputDataOperator\" == $t.__class__.__name__: x = 1"};

/// `$C` is a class, `$n` its bare name.
inline constexpr std::array<std::string_view, 18> kClassStatements = {
    "isinstance($t, $C)",
    "Get = $C",
    "task = Get(dag=dag, zip_files=True)",
    "make = partial($C, dag=dag)",
    "task = make(name='made')",
    "class Own$n($C):\n    pass",
    "class Own$n($C):\n    def __init__(self, dag, **kwargs):\n        super().__init__(dag=dag, "
    "ram_mem_mb=1, **kwargs)",
    "def run(task: $C) -> None: return task",
    "def typed(task: \"$n\"): return type(task) is $C",
    "kinds = [$C, str]",
    "tasks = [$C(dag=dag, name=n) for n in names]",
    "for n in names: $C(dag=dag, name=n)",
    "for kind in ($C,): kind(dag=dag)",
    "$n = None",
    "del $n",
    "__all__ = ['$n']",
    "print($C.__name__)",
    "try: $C\nexcept NameError: pass"};

inline constexpr std::array<std::string_view, 12> kComments = {
    "# dagfix: ignore",
    "# dagfix: ignore[form-data-key]",
    "# dagfix: ignore[KAP201, KAP101]",
    "# dagfix: ignore-file[network-access-label]",
    "# dagfix: ignore[no-such-rule]",
    "# noqa",
    "# größe µ",
    "# type: ignore",
    "#",
    "#: ignore[",
    "# dagfix:ignore[local-minio]",
    "# LocalMinioOperator and form_data"};

}  // namespace dagfix::fuzz
