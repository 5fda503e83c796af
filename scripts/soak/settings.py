# SPDX-License-Identifier: Apache-2.0
"""What the command line says; gateway-soak fills it in before a part runs."""
import argparse

ARGS = argparse.Namespace()
