# SPDX-License-Identifier: Apache-2.0
"""scikit-learn: a pipeline with its StandardScaler, through skl2onnx."""
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from table import read

rows, truths, classes = read("train.csv", write_names=True)
pipeline = make_pipeline(
    StandardScaler(), MLPClassifier((64, 32), max_iter=60, random_state=0)).fit(rows, truths)
with open("sklearn.onnx", "wb") as file:
    file.write(to_onnx(pipeline, rows[:1], options={"zipmap": False}).SerializeToString())
print(",".join(classes))
