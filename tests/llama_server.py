"""llama.cpp's own HTTP server in a process of its own: `python tests/llama_server.py MODEL`.

Prints one line with its address when it listens; ends when its stdin does.
"""

from __future__ import annotations

import os
import sys

import xllamacpp

API_KEY = "sk-llama-0123456789"


def main(model: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path, params.port, params.hostnames = model, 0, ["127.0.0.1"]
    params.api_keys = [API_KEY]
    params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 8192, 4, 1
    params.warmup, params.use_jinja = False, True
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
