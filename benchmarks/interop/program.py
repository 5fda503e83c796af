# SPDX-License-Identifier: Apache-2.0
"""The nnq under test, as the command line names it: PROGRAM [NETS]."""
import subprocess
import sys
import tempfile
from pathlib import Path

NNQ = sys.argv[1]
NETS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
folder = Path(tempfile.mkdtemp(prefix="nnq-interop-"))
shared = Path(__file__).resolve().parents[3] / "shared" / "models"


def nnq(*words):
    done = subprocess.run([NNQ, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"nnq {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout
