"""What rules/api/history.tsv cannot say about Kaapana's constructors: computed names and refused values.

make_stub.py writes these facts into the classes it generates.
"""

# A task name that the constructor computes; {parameter} stands for the argument's value.
COMPUTED_NAMES = {
    "Itk2DcmOperator": "itk2dcm-converter",
    "LocalCASPutOperator": "put-to-cas",
    "LocalCleanUpExpiredWorkflowDataOperator": "clean-up",
    "LocalCtpQuarantineCheckOperator": "ctp-quarantine-check",
    "LocalDagTriggerOperator": "trigger_{trigger_dag_id}",
    "LocalDicomSendOperator": "local-dcm-send",
    "LocalFedartedSetupFederatedTestOperator": "federated-setup-federated-test",
    "LocalFederatedSetupFromPreviousTestOperator": "federated-setup-from-previous-test",
    "LocalFederatedSetupSkipTestOperator": "federated-setup-skip-test",
    "LocalMinioOperator": "minio-actions-{action}",
    "LocalServiceSyncDagsDbOperator": "remove-deleted-dags-from-db",
    "LocalVolumeMountOperator": "{action}-mounted-files",
    "ManageIsoInstanceOperator": "{taskName}",
    "WSIconvOperator": "PixelMed-converter",
}

# Arguments that the constructor refuses: class -> parameter -> (first version, error, allowed values).
ALLOWED_VALUES = {
    "DcmConverterOperator": {"output_format": ("0.0.0", "ValueError", ("nrrd", "nii", "nii.gz"))},
    # The last three use a name that is not defined. Airflow hands over start_date from default_args.
    "DcmQueryOperator": {
        "level": ("0.0.0", "NameError", ("study", "series")),
        "start_date": ("0.0.0", "NameError", (None, "")),
        "end_date": ("0.0.0", "NameError", (None, "")),
        "max_query_size": ("0.0.0", "NameError", (None, "")),
    },
    "DcmSendOperator": {"level": ("0.0.0", "NameError", ("element", "batch"))},
    "KaapanaBaseOperator": {"dev_server": ("0.3.0", "NameError", (None, "code-server"))},
    "LocalGetRefSeriesOperator": {
        "data_type": ("0.4.0", "ValueError", ("dicom", "json")),
        "search_policy": ("0.4.0", "NotImplementedError", ("reference_uid",)),
        "dicom_tags": ("0.4.0", "NotImplementedError", ([],)),
    },
    "LocalMinioOperator": {"action": ("0.0.0", "AssertionError", ("get", "remove", "put"))},
    "LocalVolumeMountOperator": {"action": ("0.0.0", "AssertionError", ("get", "remove", "put"))},
    "MinioOperator": {"action": ("0.0.0", "AssertionError", ("get", "put"))},
}

# Keywords that a class hands to its base under the name of another parameter of its own.
PASSED_AS = {"SegmentationEvaluationOperator": {"batch_name": "batch_test"}}

# Exactly one of the parameters must be given.
ONE_OF = {"Itk2DcmSegOperator": ("segmentation_operator", "segmentation_in_dir")}

# Values that the functions and methods of helper modules return to a DAG while it is imported.
RETURNS = {
    "kaapana.operators.HelperElasticsearch.HelperElasticsearch.get_query_cohort": "[]",
    "kaapana.blueprints.json_schema_templates": "{}",
    "kaapana.blueprints.kaapana_utils.generate_run_id": "f'{dag_id}-000000000000000000'",
    "kaapanapy.helper.get_minio_client": "Minio()",
}

# Functions that are used as decorators.
DECORATORS = {"cache_operator_output", "federated_sharing_decorator", "properties_filter", "function_logger_factory"}

# Values of module constants that are no literals.
CONSTANTS = {
    "BUILD_VERSION": "'0.0.0'",
    "CPU_CORE_COUNT": "1",
    "DEFAULT_REGISTRY": "'registry.example/kaapana'",
    "ENABLE_NFS": "None",
    "GPU_COUNT": "0",
    "GPU_SUPPORT": "False",
    "KAAPANA_BUILD_VERSION": "'0.0.0'",
    "PULL_POLICY_IMAGES": "'IfNotPresent'",
    "TIMEOUT": "5",
    "WORKFLOW_DIR": "'/kaapana/mounted/workflows/data'",
    "default_registry": "'registry.example/kaapana'",
    "gpu_support": "False",
    "kaapana_build_version": "'0.0.0'",
    "logger": "logging.getLogger(__name__)",
    "platform_version": "'0.0.0'",
}

# Defaults and keywords whose value is no literal.
COMPUTED_VALUES = {
    "env_vars": "{}",
    # Since 0.6.0, of Local operators; without a DAG they fail, as on the platform.
    "executor": "'LocalExecutor' if {'service', 'import'} & set(dag.tags) else 'KubernetesExecutor'",
    "executor_config": "self.executor_config",
    "execution_timeout": "timedelta(minutes=90)",
    "expired_period": "timedelta(days=60)",
    "gpu_mem_mb": "None",
    "image_pull_policy": "'IfNotPresent'",
    "labels": "None",
    "namespace": "'jobs'",
    "on_execute_callback": "None",
    "on_failure_callback": "None",
    "on_retry_callback": "None",
    "on_success_callback": "None",
    "pod_resources": "None",
    "ram_mem_mb": "1000",
    "ram_mem_mb_lmt": "2000",
    "retry_delay": "timedelta(seconds=30)",
    "start_date": "days_ago(0)",
    "trigger_rule": "'all_success'",
}

# Classes that an operator module imports and does not use; DAGs import them from there.
# module -> version from which it does so -> names
IMPORTED_NAMES = {
    "kaapana.operators.KaapanaBranchPythonBaseOperator": {
        "0.3.0": ("KaapanaBaseOperator",),
        "0.4.0": ("KaapanaPythonBaseOperator",),
    },
}

# DAGs of the platform that got another id: version from which the new one is valid -> old id -> new id.
RENAMED_DAGS = {
    "0.4.0": {
        "classification-inference-workflow": "classification-inference",
        "classification-training-workflow": "classification-training",
    },
    "0.4.1": {"delete-series-from-platform": "delete-series"},
    "0.5.1": {
        "convert-nifitis-to-dicoms-and-import-to-pacs": "import-niftis-from-data-upload",
        "import-dicoms-in-zip-to-internal-pacs": "import-dicoms-from-data-upload",
    },
}


def version_key(version):
    """Makes versions comparable."""
    return [int(part) for part in version.split(".")]


def renamed_dags(version):
    """Old id -> id on the version."""
    return {
        old: new
        for since, names in RENAMED_DAGS.items()
        if version_key(since) <= version_key(version)
        for old, new in names.items()
    }
