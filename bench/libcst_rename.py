#!/usr/bin/env python3
"""Makes the plain renames of dagfix's rules with LibCST: the same names, without their conditions.

libcst_rename.py TREE: reads and rewrites every Python file of TREE in memory, on all processors, and
prints how many files would change.
"""

import concurrent.futures
import pathlib
import sys

import libcst as cst
import libcst.matchers as m

CLASSES = {
    "LocalGetInputDataOperator": "GetInputOperator",
    "LocalGetRefSeriesOperator": "GetRefSeriesOperator",
    "LocalMinioOperator": "MinioOperator",
    "LocalJson2MetaOperator": "Json2MetaOperator",
    "LocalDeleteFromMetaOperator": "DeleteFromMetaOperator",
    "LocalDeleteFromPacsOperator": "DeleteFromPacsOperator",
    "HelperMinio": "get_minio_client",
}
METHODS = {
    "put_file": "fput_object",
    "get_file": "fget_object",
    "remove_file": "remove_object",
    "get_presigned_link": "presigned_get_object",
}
STRINGS = {
    "form_data": "workflow_form",
    "ORIG_IMAGE_OPERATOR_DIR": "GET_REF_SERIES_OPERATOR_DIR",
    "delete-series-from-platform": "delete-series",
    "classification-training-workflow": "classification-training",
    "classification-inference-workflow": "classification-inference",
    "convert-nifitis-to-dicoms-and-import-to-pacs": "import-niftis-from-data-upload",
    "import-dicoms-in-zip-to-internal-pacs": "import-dicoms-from-data-upload",
}
KEYWORDS = {
    "LocalMinioOperator": {
        "action_operators": "none_batch_input_operators",
        "action_files": "source_files",
        "file_white_tuples": "whitelisted_file_extensions",
        "bucket_name": "minio_prefix",
    },
    "GenerateThumbnailOperator": {"orig_image_operator": "get_ref_series_operator"},
}
GONE = {
    "LocalMinioOperator": {"minio_host", "minio_port", "local_root_dir"},
    "LocalGetInputDataOperator": {"data_form", "dataset_limit"},
    "LocalGetRefSeriesOperator": {"modality", "dicom_tags", "target_level", "aetitle"},
    "LocalDeleteFromPacsOperator": {"pacs_host", "pacs_port", "pacs_aet", "wait_time"},
    "LocalJson2MetaOperator": {"check_in_pacs", "no_update"},
    "DcmSendOperator": {"ram_mem_mb", "ram_mem_mb_lmt", "check_arrival"},
}
TARGETS = {"opensearch", "external-ips", "ctp"}


class Renamer(cst.CSTTransformer):
    def leave_Name(self, original_node, updated_node):
        new = CLASSES.get(updated_node.value)
        return updated_node.with_changes(value=new) if new else updated_node

    def leave_Attribute(self, original_node, updated_node):
        new = METHODS.get(updated_node.attr.value)
        return updated_node.with_changes(attr=cst.Name(new)) if new else updated_node

    def leave_SimpleString(self, original_node, updated_node):
        new = STRINGS.get(updated_node.raw_value)
        if not new:
            return updated_node
        quote = updated_node.quote
        return updated_node.with_changes(value=f"{updated_node.prefix}{quote}{new}{quote}")

    def leave_Call(self, original_node, updated_node):
        function = original_node.func
        name = function.attr if m.matches(function, m.Attribute()) else function
        if not m.matches(name, m.Name()):
            return updated_node
        renamed, gone = KEYWORDS.get(name.value, {}), GONE.get(name.value, set())
        if not renamed and not gone:
            return updated_node
        arguments = []
        for argument in updated_node.args:
            keyword = argument.keyword.value if argument.keyword else None
            if keyword in gone:
                continue
            if keyword in renamed:
                argument = argument.with_changes(keyword=cst.Name(renamed[keyword]))
            arguments.append(argument)
        return updated_node.with_changes(args=arguments)

    def leave_DictElement(self, original_node, updated_node):
        key, value = updated_node.key, updated_node.value
        if not (m.matches(key, m.SimpleString()) and m.matches(value, m.SimpleString())):
            return updated_node
        if key.raw_value != "network-access" or value.raw_value not in TARGETS:
            return updated_node
        return updated_node.with_changes(
            key=cst.SimpleString(f'"network-access-{value.raw_value}"'),
            value=cst.SimpleString('"true"'),
        )


def changes(path: pathlib.Path) -> bool:
    try:
        module = cst.parse_module(path.read_bytes())
    except (cst.ParserSyntaxError, UnicodeDecodeError):
        return False
    return module.visit(Renamer()).bytes != module.bytes


def main() -> int:
    paths = sorted(pathlib.Path(sys.argv[1]).rglob("*.py"))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        changed = sum(pool.map(changes, paths, chunksize=16))
    print(f"{changed} of {len(paths)} files change")
    return 0


if __name__ == "__main__":
    sys.exit(main())
