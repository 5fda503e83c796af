# SPDX-License-Identifier: Apache-2.0
"""Keras: a network with its scaler inside, through TensorFlow's TFLite converter in float."""
import tensorflow as tf

from table import read

rows, truths, classes = read("train.csv", write_names=True)
tf.keras.utils.set_random_seed(0)
scale = 1 / rows.std(0)
net = tf.keras.Sequential([
    tf.keras.Input((rows.shape[1],), batch_size=1),
    tf.keras.layers.Rescaling(scale, offset=-rows.mean(0) * scale),
    tf.keras.layers.Dense(64, "relu"), tf.keras.layers.Dense(32, "relu"),
    tf.keras.layers.Dense(len(classes), "softmax")])
trained = tf.keras.Sequential([tf.keras.Input((rows.shape[1],)), *net.layers])
trained.compile("adam", "sparse_categorical_crossentropy")
trained.fit(rows, truths, batch_size=128, epochs=25, verbose=0)
with open("keras.tflite", "wb") as file:
    file.write(tf.lite.TFLiteConverter.from_keras_model(net).convert())
print(",".join(classes))
