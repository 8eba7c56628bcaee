"""What the generated operator classes do when they are constructed.

make_stub.py copies this file into the stub as `kaapana_stub_runtime`.
"""

import inspect

from airflow.models.baseoperator import BaseOperator

# Set by BaseOperator itself; an operator's own argument of the same name must not disturb it.
AIRFLOW_ATTRIBUTES = frozenset(inspect.signature(BaseOperator.__init__).parameters) | {"dag", "task_group"}


def keep(operator, arguments):
    """Store the constructor's arguments as attributes, as Kaapana's operators do."""
    for name, value in arguments.items():
        if name not in AIRFLOW_ATTRIBUTES and name not in ("self", "kwargs", "args", "__class__"):
            setattr(operator, name, value)


def require(class_name, error, parameter, value, allowed):
    """Raise what the constructor raises for a value that it refuses."""
    shown = value.lower() if class_name == "MinioOperator" else value
    if shown not in allowed:
        raise error(f"{class_name}: {parameter} must be one of {allowed}, not {value!r}")


def require_one_of(class_name, **given):
    """Raise NameError unless exactly one of the arguments is given."""
    if sum(value is not None for value in given.values()) != 1:
        raise NameError(f"{class_name}: give exactly one of {', '.join(given)}")


def read_directories(arguments):
    """Container operators read the output directory of every operator they are given."""
    for name, value in arguments.items():
        if name.endswith("_operator") and value is not None:
            value.operator_out_dir
        elif name.endswith("_operators"):
            for item in value or []:
                item.operator_out_dir


def set_defaults(
    obj,
    name,
    task_id=None,
    operator_out_dir=None,
    input_operator=None,
    operator_in_dir=None,
    parallel_id=None,
    keep_parallel_id=True,
    ram_mem_mb=None,
    cpu_millicores=None,
    gpu_mem_mb=None,
    pool=None,
    pool_slots=None,
    batch_name=None,
    **others,
):
    """Derive task id, directories and pool from the arguments of the three base classes."""
    obj.name = name
    for key, value in others.items():
        setattr(obj, key, value)
    if parallel_id is None and keep_parallel_id and input_operator is not None:
        parallel_id = input_operator.parallel_id
    obj.parallel_id = parallel_id
    suffix = "" if parallel_id is None else "-" + parallel_id.lower().replace(" ", "-")
    obj.task_id = (name if task_id is None else task_id) + suffix
    obj.operator_out_dir = obj.task_id if operator_out_dir is None else operator_out_dir

    if input_operator is not None and operator_in_dir is not None:
        raise NameError("give either input_operator or operator_in_dir")
    if input_operator is not None:
        obj.operator_in_dir = input_operator.operator_out_dir
    elif operator_in_dir is not None:
        obj.operator_in_dir = operator_in_dir

    obj.batch_name = "batch" if batch_name is None else batch_name
    obj.ram_mem_mb, obj.cpu_millicores, obj.gpu_mem_mb = ram_mem_mb, cpu_millicores, gpu_mem_mb
    if pool is None:
        pool, pool_slots = "NODE_RAM", 1 if ram_mem_mb is None else ram_mem_mb
    obj.pool, obj.pool_slots = pool, pool_slots
    obj.executor_config = {
        "cpu_millicores": cpu_millicores,
        "ram_mem_mb": ram_mem_mb,
        "gpu_mem_mb": gpu_mem_mb,
        "enable_job_scheduler": True,
    }
    return obj
