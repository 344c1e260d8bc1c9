#!/bin/sh
# Install the CPU build of torch: usage install_torch.sh PYTHON REQUIREMENT
# On Linux the default build brings several gigabytes of CUDA. A wheel that pip finds locally or in the CPU index is
# taken first; elsewhere (macOS, Windows) the default build is already for the CPU.
set -eu
python=$1 requirement=$2
cpu_index=${LBC_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
if "$python" -c 'import torch' 2>/dev/null; then exit 0; fi
if [ "$(uname -s)" != Linux ]; then exec "$python" -m pip install --quiet "$requirement"; fi
if "$python" -m pip install --quiet --only-binary :all: --no-index "$requirement" --no-deps 2>/dev/null; then exit 0; fi
if "$python" -m pip install --quiet --timeout 10 --retries 0 --index-url "$cpu_index" "$requirement" 2>/dev/null; then exit 0; fi
echo "the CPU index of torch can't be reached; installing $requirement from the default index" >&2
exec "$python" -m pip install --quiet "$requirement"
