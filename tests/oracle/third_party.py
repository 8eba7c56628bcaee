"""Stand-ins for the third-party packages of Kaapana's Airflow image that the oracle does not install, and for its services.

Only imports that are found nowhere else are answered, and only for the packages named here: an import of anything else
fails as it would on the platform.
"""

import importlib.abc
import importlib.machinery
import sys
import types

PACKAGES = frozenset(
    """
    SimpleITK app boto3 cv2 dicom_parser dicomweb_client docker flask_admin git httpx_oauth imageio jwt kubernetes
    matplotlib medpy minio monai nibabel nrrd numpy opensearchpy pandas pint psycopg2 pydantic pydantic_settings pydicom
    pynetdicom radiomics scipy skimage sklearn torch tqdm xmltodict
    """.split()
)


class StandInType(type):
    """A class that has every attribute."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn

    def __iter__(cls):
        return iter(())


class StandIn(metaclass=StandInType):
    """Can be called, subclassed, read and used as a decorator."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else StandIn()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __getitem__(self, key):
        return StandIn()

    def __iter__(self):
        return iter(())


class StandInModule(types.ModuleType):
    """A module that has every public name; each name is a class of its own."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = StandInType(name, (Exception,) if name.endswith(("Error", "Exception")) else (StandIn,), {})
        setattr(self, name, value)
        return value


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for PACKAGES after every other finder has failed."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return StandInModule(spec.name)

    def exec_module(self, module):
        pass


CREDENTIALS = b"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Credentials>
<AccessKeyId>stub</AccessKeyId><SecretAccessKey>stub</SecretAccessKey><SessionToken>stub</SessionToken>
</Credentials></AssumeRoleWithWebIdentityResponse>"""


def answer(session, method, url, **options):
    """What the platform's services say to a DAG that asks them while it is imported: that there is nothing."""
    import requests

    response = requests.Response()
    response.status_code, response.url = 200, url
    if "Action=AssumeRoleWithWebIdentity" in url:
        response._content = CREDENTIALS
    else:
        response._content = b'{"access_token": "stub"}' if url.endswith("/token") else b"[]"
    return response


def install():
    """Also of Airflow's database: that it has no pools."""
    import requests

    from airflow.models.pool import Pool

    requests.Session.request = answer
    Pool.get_pool = staticmethod(lambda *_, **__: None)
    sys.meta_path.append(Finder())
