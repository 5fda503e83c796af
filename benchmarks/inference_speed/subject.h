/* SPDX-License-Identifier: Apache-2.0 */

/* A network in one runtime with one batch of input, ready to be called again and again. */

#ifndef SUBJECT_H
#define SUBJECT_H

#include <stddef.h>

typedef struct subject {
  const char *name;
  void (*run)(void *state);
  void *state;
} subject;

/* What a network takes and gives, and the files that hold it. */
typedef struct network {
  int inputs, outputs, batch;
  const char *image;  /* nnq's flat image, 8-bit codes in and out */
  const char *image4; /* the same with weights of 4 bits */
  const char *tflite; /* int8 in and out, of this batch */
  const char *onnx;   /* the same weights between QuantizeLinear and DequantizeLinear, float32 ends */
  const char *onnx_input, *onnx_output;
} network;

/* Each opens a network or ends the process with a sentence. Where a library is given, it is loaded. */
subject nnq_subject(const char *image, const network *net, const char *kernel);
subject litert_subject(const network *net, const char *library);
subject onnxruntime_subject(const network *net, const char *library);
subject openvino_subject(const network *net, const char *library);

/* A function of a library, or the end of the process. */
void *function_of(void *library, const char *name);
void *library_at(const char *path);

/* Bytes on a cache line's start, with every byte 1 and room for a vector past the end. */
void *buffer_of(size_t bytes);

void fail(const char *what, const char *detail);

#endif
