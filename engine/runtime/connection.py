"""How the engine is reached: our own settings first, then the SDK's variables, and never the SDK's file.

An embedded directory takes nothing from `TEMPORAL_*`: its engine is its own, and a variable that was set for another
program must not lead it elsewhere. Must not know what is said over the connection.
"""

import os
from pathlib import Path
from typing import Any

from temporalio.envconfig import ClientConfigProfile

from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, both_set, secret_in

NEVER = frozenset({"TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"})
"""They speak of the SDK's file."""
FILES = ("TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_PATH")
"""They name files, which may be renewed while a process runs."""
API_KEY = "TEMPORAL_API_KEY"
API_KEY_FILE = f"{API_KEY}_FILE"
"""Ours, beside the SDK's own: every secret may lie in a file."""


def with_sdk_variables(settings: Settings) -> Settings:
    """The settings, with address and namespace of `TEMPORAL_*` where ours were not given.

    Raises:
        SetupError: the variables cannot be read.
    """
    if settings.is_embedded:
        return settings
    profile, given = _profile(), settings.model_fields_set
    found = {"temporal_address": profile.address, "temporal_namespace": profile.namespace}
    return settings.model_copy(update={name: value for name, value in found.items() if value and name not in given})


def security(settings: Settings) -> dict[str, Any]:
    """What `Client.connect` is given besides address and namespace: certificates, an API key, headers.

    The files are read anew each time, so a connection that is made again takes up what was renewed.

    Raises:
        SetupError: a file cannot be read.
    """
    if settings.is_embedded:
        return {}
    try:
        given = dict(_profile().to_client_connect_config())
    except OSError as error:
        raise SetupError(
            *both(
                "cannot read the certificate {filename}: {strerror}", filename=error.filename, strerror=error.strerror
            )
        ) from error
    return {name: value for name, value in given.items() if name not in {"target_host", "namespace"}}


def _profile() -> ClientConfigProfile:
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("TEMPORAL_") and name not in NEVER and value
    }
    if (file := variables.pop(API_KEY_FILE, None)) is not None:
        if API_KEY in variables:
            raise both_set(API_KEY)
        variables[API_KEY] = secret_in(API_KEY_FILE, Path(file))
    try:
        return ClientConfigProfile.load(disable_file=True, override_env_vars=variables)
    except (RuntimeError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SetupError(*both("cannot read TEMPORAL_*: {said}", said=said)) from error
