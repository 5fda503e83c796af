# SPDX-License-Identifier: Apache-2.0
"""Writes every fixture of this folder; scripts/make-interop-fixtures runs it."""
import exported_models
import fixture
import onnx_models
import tflite_models

onnx_models.make()
exported_models.torch_models()
exported_models.sklearn_models()
exported_models.quantized_models()
tflite_models.make()
fixture.write_index()
