# SPDX-License-Identifier: Apache-2.0
"""What each part found, as a line of JSON."""
import json

FAILED = []


def report(part, ok, **figures):
    if not ok:
        FAILED.append(part)
    print(json.dumps({"part": part, "ok": ok, **figures}), flush=True)
