"""onnxruntime reports its use to its vendor unless ORT_DISABLE_TELEMETRY=1 is set before it is imported.

Left on (1.31.1, Linux), it writes `Microsoft/DeveloperTools/.onnxruntime/deviceid` and a queue of events in
SQLite below the user's cache folder as it is imported, starts a thread, and about nine seconds later resolves
and connects to the vendor's collector from native code, out of Python's sight.

So the kernel watches: a seccomp filter ends the process at its first socket, whichever thread asks for one.
It needs no privilege, and makes the control harmless: with telemetry on, the process dies before a socket
exists, so nothing leaves the machine. A run that is quiet proves something only once the upload would have
happened; the silent process therefore lives on until the control, started after it, has been ended so.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tiny_onnx import ADD_TO_ITSELF

UPLOAD_SECONDS_MAX = 120  # the control needs about ten

NO_SOCKETS = """
import ctypes, platform, struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # classic BPF, as in linux/bpf_common.h
KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000
SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]
IO_URING_SETUP = 425  # which could make a socket without that call

def step(code, operand, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, operand)

program = b"".join([
    step(LOAD, 0),  # the number of the system call
    step(JUMP_IF_EQUAL, SOCKET, if_true=2),
    step(JUMP_IF_EQUAL, IO_URING_SETUP, if_true=1),
    step(RETURN, ALLOW),
    step(RETURN, KILL_PROCESS),
])
steps = ctypes.create_string_buffer(program)
filter = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(steps)))
prctl = ctypes.CDLL(None, use_errno=True).prctl
prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
for option, value, address in (
    (PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filter))
):
    if prctl(option, value, address, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel took no seccomp filter")
"""

# One thread for each of its two pools, so that every other thread is somebody's doing.
INFERENCE = f"""
import os, sys
import numpy, onnxruntime
{ADD_TO_ITSELF}
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

def double(a, b):
    return session.run(None, {{"x": numpy.array([a, b], dtype=numpy.float32)}})[0].tolist()

print(double(1, 2), len(os.listdir("/proc/self/task")), flush=True)
sys.stdin.readline()  # lives until it is told to end
print(double(3, 4), len(os.listdir("/proc/self/task")), flush=True)
"""


@contextmanager
def _process(home: Path, program: str, **telemetry: str) -> Iterator[subprocess.Popen[str]]:
    home.mkdir()
    variables = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environment = {**dict.fromkeys(variables, str(home)), "PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-B", "-c", NO_SOCKETS + program]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=home, env=environment | telemetry, text=True, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _files(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def test_with_telemetry_off_it_leaves_no_trace_and_opens_no_socket(tmp_path: Path) -> None:
    with _process(tmp_path / "off", INFERENCE, ORT_DISABLE_TELEMETRY="1") as silent:
        assert _first_line(silent) == "[2.0, 4.0] 1\n", silent.communicate()

        with _process(tmp_path / "on", INFERENCE) as control:
            answer, threads = _first_line(control).rsplit(maxsplit=1)
            assert (answer, int(threads) > 1) == ("[2.0, 4.0]", True)
            assert control.wait(timeout=UPLOAD_SECONDS_MAX) == -signal.SIGSYS
        assert "deviceid" in _files(tmp_path / "on")

        output, errors = silent.communicate("end\n", timeout=UPLOAD_SECONDS_MAX)
    assert (silent.returncode, output, errors) == (0, "[6.0, 8.0] 1\n", "")
    assert list((tmp_path / "off").iterdir()) == []


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX"])
def test_the_filter_ends_a_process_that_opens_a_socket_on_any_thread(tmp_path: Path, family: str) -> None:
    program = f"""
import socket, threading
thread = threading.Thread(target=socket.socket, args=(socket.{family}, socket.SOCK_DGRAM))
thread.start()
thread.join()
"""
    with _process(tmp_path / "home", program) as process:
        assert process.wait(timeout=UPLOAD_SECONDS_MAX) == -signal.SIGSYS
