#!/bin/sh
# Install hotline from this folder, without a network: sh install.sh [folder of the environment].
# Run again with a newer folder it upgrades; the data, the key file and the settings are elsewhere and stay.
set -eu
cd "$(dirname "$0")"
sha256sum --check --quiet SHA256SUMS
environment=${1:-/opt/hotline/.venv}
"${PYTHON:-python3}" -m venv "$environment"
pip="$environment/bin/python -m pip --quiet --disable-pip-version-check --isolated"
$pip install --no-index --find-links wheels --require-hashes -r requirements-runtime.lock
$pip install --no-index --no-deps --force-reinstall own/*.whl
"$environment/bin/hotline" --help >/dev/null
echo "hotline is installed in $environment"
