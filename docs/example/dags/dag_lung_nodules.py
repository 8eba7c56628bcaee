from airflow.models import DAG
from airflow.utils.dates import days_ago
from kaapana.operators.DcmConverterOperator import DcmConverterOperator
from kaapana.operators.DcmSendOperator import DcmSendOperator
from kaapana.operators.LocalGetInputDataOperator import LocalGetInputDataOperator
from kaapana.operators.LocalGetRefSeriesOperator import LocalGetRefSeriesOperator as GetReference
from kaapana.operators.LocalMinioOperator import LocalMinioOperator

dag = DAG(
    dag_id="lung-nodules",
    default_args={"owner": "radiology", "start_date": days_ago(0), "ui_visible": True},
    schedule_interval=None,
)

get_input = LocalGetInputDataOperator(dag=dag, dataset_limit=None)  # the chosen CT series
get_priors = GetReference(dag=dag, input_operator=get_input, search_policy="study_uid")
convert = DcmConverterOperator(dag=dag, input_operator=get_input, output_format="nii.gz")
send = DcmSendOperator(dag=dag, input_operator=get_input, ram_mem_mb=2000)
export = LocalMinioOperator(
    dag=dag,
    action="put",
    action_operators=[convert],
    bucket_name="lung-nodules",
    file_white_tuples=(".nii.gz", ".json"),
)

get_input >> get_priors >> convert >> send >> export
