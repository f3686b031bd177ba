"""What a city installs: each file is read by its own tool or schema, and names only what the product has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from runtime.settings import Settings

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
_ELSEWHERE = {"Kustomization", "ScaledObject"}
"""Kinds that Kubernetes itself does not know: kustomize's own file, and KEDA's."""

_OF_COMPOSE = {"HOTLINE_VERSION"}
"""What only the compose file reads."""


def told(*command: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which(command[0], path=str(Path(sys.executable).parent))
    assert tool, command
    return subprocess.run([tool, *command[1:]], cwd=DEPLOY, capture_output=True, text=True, check=False)


def test_dockerfile_is_read_without_a_warning() -> None:
    done = told("hadolint", "docker/Dockerfile")
    assert done.returncode == 0, done.stdout


def test_image_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "docker" / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines[len(lines) - lines[::-1].index("FROM python:3.11-slim-bookworm") :]


def test_compose_file_keeps_its_schema() -> None:
    done = told("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker/compose.yaml")
    assert done.returncode == 0, done.stdout


def test_manifests_keep_the_schema_of_kubernetes() -> None:
    documents = [document for file in MANIFESTS for document in yaml.safe_load_all(file.read_text())]
    done = told("kubernetes-validate", "-k", "1.34", "--strict", *map(str, MANIFESTS))
    assert done.returncode == 0, done.stdout + done.stderr
    read = (done.stdout + done.stderr).count("passed for resource")
    assert read == sum(document["kind"] not in _ELSEWHERE for document in documents)


def test_kustomization_lists_every_manifest() -> None:
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == sorted(
        file.name for file in MANIFESTS if file.name != "kustomization.yaml"
    )


def test_every_pod_is_without_privileges() -> None:
    for file in MANIFESTS:
        for document in yaml.safe_load_all(file.read_text()):
            for pod in _pods(document):
                assert pod["securityContext"]["runAsNonRoot"] is True
                assert pod["automountServiceAccountToken"] is False
                for container in pod["containers"]:
                    assert container["securityContext"] == {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    }


def _pods(node: object) -> list[dict[str, object]]:
    match node:
        case {"containers": _}:
            return [node]  # type: ignore[list-item]  # just matched
        case dict():
            return [pod for value in node.values() for pod in _pods(value)]
        case _:
            return []


def test_every_setting_that_is_named_exists() -> None:
    known = {f"HOTLINE_{name.upper()}" for name in Settings.model_fields} | _OF_COMPOSE
    for file in [*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.service"), DEPLOY / "docker" / "Dockerfile"]:
        assert set(re.findall(r"\bHOTLINE_[A-Z_]+\b", file.read_text())) <= known, file


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda unit: unit.stem)
def test_unit_is_read_by_systemd(unit: Path, tmp_path: Path) -> None:
    """With a program that is there in the place of ours, which is installed elsewhere."""
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_runs_in_a_city_is_what_was_tested() -> None:
    tested, runs = (_locked(name) for name in ("requirements.lock", "requirements-runtime.lock"))
    assert runs
    assert runs <= tested


def _locked(name: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", (PROJECT / name).read_text(), re.MULTILINE))
