/* SPDX-License-Identifier: Apache-2.0 */

/* nnq.h: runs an int8 network from a flat image, with integers only.
 *
 * The caller owns all memory: the image (usually in flash), an nnq_model, the input and output
 * buffers and an arena of nnq_arena_bytes(). nnq_load() validates the image completely; nothing
 * that follows can fail because of what the image or the data hold. No function allocates,
 * recurses, or writes memory other than what it is given; all of them are reentrant.
 *
 * A buffer of codes holds int8_t where a code has 8 bits and int16_t, in the byte order of the
 * machine and aligned like int16_t, where it has 16: nnq_input_bits() and nnq_output_bits() tell.
 */

#ifndef NNQ_H
#define NNQ_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The major version of the flat image that this runtime reads. */
#define NNQ_FORMAT_VERSION 1

/* The image and the arena start at a multiple of this many bytes. */
#define NNQ_ALIGNMENT 4

/* Packed memory starts at a multiple of this many bytes. */
#define NNQ_PACK_ALIGNMENT 64

/* Caps of the format. */
#define NNQ_MAX_IMAGE_BYTES 67108864
#define NNQ_MAX_DIMENSION 65535
#define NNQ_MAX_LAYERS 255
#define NNQ_MAX_SELFTEST_VECTORS 64

/* What went wrong. Numbers never change; new ones are appended. */
typedef enum nnq_status {
  NNQ_OK = 0,

  /* The call. */
  NNQ_ERROR_NULL = 1,      /* a pointer is null */
  NNQ_ERROR_ALIGNMENT = 2, /* the image, the arena, 16-bit codes or packed memory is misaligned */
  NNQ_ERROR_ARENA = 3,     /* the arena is smaller than nnq_arena_bytes() */
  NNQ_ERROR_UNDEFINED = 4, /* the model does not define what was asked for */
  NNQ_ERROR_MISMATCH = 5,  /* a self-test vector gave other codes than the image states */
  NNQ_ERROR_KERNEL = 6,    /* no such kernel, or this CPU cannot run it */
  NNQ_ERROR_PACKED = 7,    /* packed memory that is too small, or that holds another model */
  NNQ_ERROR_SIGNATURE = 8, /* nobody who is trusted vouches for these bytes */
  NNQ_ERROR_MEMORY = 9,    /* a host has no memory for it, or may not take so much */

  /* The file. */
  NNQ_ERROR_SIZE = 16,    /* too short, too long, or not the length that the header states */
  NNQ_ERROR_MAGIC = 17,   /* not a model */
  NNQ_ERROR_FORM = 18,    /* a model, but not a flat image */
  NNQ_ERROR_VERSION = 19, /* another major version */
  NNQ_ERROR_FLAGS = 20,   /* a must-understand flag that this runtime does not know */
  NNQ_ERROR_CRC = 21,     /* the bytes are damaged */

  /* The sections. */
  NNQ_ERROR_SECTION_ORDER = 32,   /* types not strictly ascending */
  NNQ_ERROR_SECTION_UNKNOWN = 33, /* a section that must be understood is not known */
  NNQ_ERROR_SECTION_MISSING = 34, /* network or outputs is missing, or score for an anomaly task */
  NNQ_ERROR_SECTION_EXTRA = 35,   /* a score for another task than anomaly */
  NNQ_ERROR_LENGTH = 36,          /* a section passes the end or has not the length that it needs */
  NNQ_ERROR_RESERVED = 37,        /* a reserved or padding byte is not zero */

  /* The values. */
  NNQ_ERROR_DIMENSION = 48,   /* zero, over a cap, or unlike its neighbour */
  NNQ_ERROR_OPERATION = 49,   /* an operation that is not known */
  NNQ_ERROR_BITS = 50,        /* a width of codes or weights that is not known */
  NNQ_ERROR_ACTIVATION = 51,  /* an activation that is not known */
  NNQ_ERROR_TABLE = 52,       /* a table kind that is not known, or not of these codes */
  NNQ_ERROR_ZERO_POINT = 53,  /* a zero point outside its codes, or not 0 for 16 bits */
  NNQ_ERROR_CLAMP = 54,       /* lowest above highest, or one outside its codes */
  NNQ_ERROR_BIAS = 55,        /* a bias beyond 2^30 */
  NNQ_ERROR_MULTIPLIER = 56,  /* a multiplier outside 2^30 ... 2^31 - 1 */
  NNQ_ERROR_SHIFT = 57,       /* a shift outside 1 ... 62 */
  NNQ_ERROR_WEIGHT = 58,      /* a weight of -128, or of -8 where weights have 4 bits */
  NNQ_ERROR_ACCUMULATOR = 59, /* a row whose sum could leave 32 bits */
  NNQ_ERROR_TASK = 60,        /* a task that is not known, or with the wrong number of outputs */
  NNQ_ERROR_PROBABILITY = 61, /* a probability scale where there must be none, or the reverse */
  NNQ_ERROR_THRESHOLD = 62,   /* a threshold where there must be none, or a negative score */
  NNQ_ERROR_ORIGIN = 63,      /* a code of real 0 outside its range */
  NNQ_ERROR_EXPONENT = 64,    /* a scale exponent beyond 1,000 */
  NNQ_ERROR_COUNTS = 65,      /* a range of sensor counts that is empty or too wide */
  NNQ_ERROR_SELFTEST = 66,    /* no self-test vector, or too many */
  NNQ_ERROR_SOURCE = 67,      /* an add of a tensor that does not exist or is not kept */
  NNQ_ERROR_GAIN = 68,        /* a gain of -128 in a layer norm, or one beyond 16,384 in an add */
  NNQ_ERROR_EPSILON = 69,     /* an epsilon outside 1 ... 2^62 - 1 */
  NNQ_ERROR_LEFT_OUT = 70,    /* the image needs a part that this runtime was built without */
  NNQ_ERROR_LAYOUT = 71       /* the weights are arranged for another kind of CPU */
} nnq_status;

/* The name of a status, such as "crc" or "section-order"; "unknown" for any other number. */
const char *nnq_status_name(nnq_status status);

/* What the outputs mean. */
typedef enum nnq_task {
  NNQ_TASK_BINARY = 1,
  NNQ_TASK_MULTICLASS = 2,
  NNQ_TASK_MULTILABEL = 3,
  NNQ_TASK_REGRESSION = 4,
  NNQ_TASK_ANOMALY = 5
} nnq_task;

/* A view of a loaded image. Filled by nnq_load() and constant from then on; it may be copied and
 * shared between threads, and lives no longer than the image. Read it through the functions. */
typedef struct nnq_model {
  const uint8_t *network;
  const uint8_t *outputs;
  const uint8_t *counts;
  const uint8_t *score;
  const uint8_t *selftest;
  uint32_t arena_bytes;
  uint32_t kept_bytes; /* of the arena, for what outlives a layer or serves it alone */
  uint16_t input_count;
  uint16_t output_count;
  uint8_t layer_count;
  uint8_t input_bits;
  uint8_t output_bits;
  uint8_t task;
} nnq_model;

/* What a layer computes. */
typedef enum nnq_operation {
  NNQ_OPERATION_DENSE = 1,
  NNQ_OPERATION_LAYER_NORM = 2,
  NNQ_OPERATION_ADD = 3, /* of an earlier tensor and the one before it */
  NNQ_OPERATION_GATE = 4 /* the first half of its input times the second half */
} nnq_operation;

/* What a layer is. */
typedef struct nnq_layer {
  uint32_t inputs;
  uint32_t outputs;
  uint32_t weight_bytes; /* weights of a dense layer as stored, without the last padding; else 0 */
  uint32_t data_bytes;   /* biases, multipliers, shifts, weights, table and padding */
  uint32_t macs;         /* products of weights and codes in one inference */
  uint8_t input_bits;
  uint8_t output_bits;
  uint8_t operation;   /* an nnq_operation */
  uint8_t weight_bits; /* dense: 8 or 4; else 0 */
  uint8_t activation;  /* 0 identity, 1 relu, 2 tanh, 3 sigmoid, 4 leaky-relu, 5 relu6, 6 gelu,
                          7 gelu-tanh, 8 silu, 9 hard-swish */
  uint8_t table;       /* 0 none, 1 of 256 8-bit codes, 2 of 513 16-bit entries */
} nnq_layer;

/* What an output code means: real = multiplier * 2^exponent * (code - origin), exactly. */
typedef struct nnq_scale {
  int32_t multiplier;
  int32_t exponent;
  int32_t origin;
} nnq_scale;

/* ---- Lifecycle ---- */

/* Validates a flat image and makes a view of it.
 *
 * image: aligned to NNQ_ALIGNMENT, read in place; it must not change or go while model is used.
 * size: of the image in bytes, exactly.
 * Returns NNQ_OK, or the first fault found; model is written only on NNQ_OK.
 * Any bytes may be given. One pass over the checksum and one over the fields, constant stack. */
nnq_status nnq_load(nnq_model *model, const void *image, size_t size);

/* ---- Signed images ---- */

#define NNQ_SHA256_BYTES 32
#define NNQ_SIGNATURE_BYTES 64

/* Says whether an image with this SHA-256 may run: NNQ_OK when a signature over it was checked with
 * a key that is trusted, anything else when not. */
typedef nnq_status nnq_verifier(void *context, const uint8_t *sha256);

/* Like nnq_load(), for bytes that came over a network: hashes the image, asks verify, which must not
 * be null, and parses nothing before it agreed. NNQ_ERROR_SIGNATURE when it did not. The image must
 * lie where nobody else writes: what is checked is what is used. */
nnq_status nnq_load_signed(nnq_model *model, const void *image, size_t size, nnq_verifier *verify,
                           void *context);

/* Computes the SHA-256 of size bytes, in 360 bytes of stack. */
void nnq_sha256(const void *bytes, size_t size, uint8_t *digest);

/* What a signature's file states; all pointers lead into its bytes. Nothing of it is true before an
 * Ed25519 check of message with the key of key_identity and signature. */
typedef struct nnq_signature {
  const uint8_t *key_identity; /* the first 8 bytes of the SHA-256 of the public key */
  uint64_t model_version;      /* grows with every release */
  int64_t expires;             /* seconds since 1970, or 0 */
  const uint8_t *file_sha256;
  const uint8_t *image_sha256;
  const uint8_t *device_class; /* not terminated; no bytes for any class */
  uint32_t device_class_bytes;
  const uint8_t *message; /* what is signed */
  size_t message_bytes;
  const uint8_t *signature; /* NNQ_SIGNATURE_BYTES */
} nnq_signature;

/* Takes a signature's file apart. Any bytes may be given: NNQ_OK, NNQ_ERROR_NULL, NNQ_ERROR_SIZE,
 * NNQ_ERROR_RESERVED or NNQ_ERROR_SIGNATURE. */
nnq_status nnq_signature_read(nnq_signature *signature, const void *bytes, size_t size);

/* NNQ_OK when the signature is for an image with this SHA-256, for this device class or for any, and
 * for no smaller model version; else NNQ_ERROR_SIGNATURE. The time and the signature itself are the
 * caller's to check. */
nnq_status nnq_signature_covers(const nnq_signature *signature, const uint8_t *sha256,
                                const char *device_class, uint64_t minimum_version);

/* ---- Inference ---- */

/* The bytes of arena that nnq_run() needs for the hidden layers; 0 for a single layer. */
size_t nnq_arena_bytes(const nnq_model *model);

/* Computes the output codes of one row of input codes.
 *
 * input: nnq_inputs() codes. output: nnq_outputs() codes. arena: arena_bytes bytes, aligned to
 * NNQ_ALIGNMENT, null only when nnq_arena_bytes() is 0; its contents mean nothing before or after.
 * The three must not overlap, but with more than one layer output may start where input does, which is
 * lost then; and those of an exported model may lie where its header puts them in one buffer. Every input
 * code is legal.
 * Returns NNQ_OK, NNQ_ERROR_NULL, NNQ_ERROR_ALIGNMENT or NNQ_ERROR_ARENA, nothing else. */
nnq_status nnq_run(const nnq_model *model, const void *input, void *output, void *arena,
                   size_t arena_bytes);

/* Receives the codes that a layer hands on: count codes of so many bits, readable during the call
 * only. layer counts from 0; the last one's codes are the model's output. */
typedef void nnq_layer_visitor(void *context, uint32_t layer, const void *codes, uint32_t count,
                               uint32_t bits);

/* Like nnq_run(), and calls visit (which may be null) with context after each layer. */
nnq_status nnq_run_layers(const nnq_model *model, const void *input, void *output, void *arena,
                          size_t arena_bytes, nnq_layer_visitor *visit, void *context);

/* Writes the input codes of a self-test vector, of nnq_inputs() codes; NNQ_ERROR_UNDEFINED for an index
 * past the last, or when the image has no vectors. */
nnq_status nnq_selftest_input(const nnq_model *model, uint32_t vector, void *input);

/* Runs the image's self-test vectors; input and output are scratch of the sizes of nnq_run().
 *
 * Returns NNQ_OK when every output and the checksum of every layer agree, NNQ_ERROR_MISMATCH when
 * not, NNQ_ERROR_UNDEFINED when the image has no vectors, else what nnq_run() returns. */
nnq_status nnq_selftest(const nnq_model *model, void *input, void *output, void *arena,
                        size_t arena_bytes);

/* The same, and tells the first layer that was wrong for any vector (nnq_layers() when none was); it
 * is written on NNQ_OK and NNQ_ERROR_MISMATCH, and layer may be null. What a layer that was wrong
 * hands on makes later ones wrong, so that only the first says where to look. No memory but the
 * buffers, whatever the model. */
nnq_status nnq_selftest_layer(const nnq_model *model, void *input, void *output, void *arena,
                              size_t arena_bytes, uint32_t *layer);

/* ---- Kernels ---- */

/* Kernels compute the layers; all give the same bits. Kernel 0, "scalar", is the definition: it
 * runs everywhere and reads the image in place. The others use vector instructions and weights that
 * were packed for them. What a runtime holds follows from its compiler and from NNQ_NO_SIMD. */

/* The number of kernels that this runtime holds, at least 1, from slowest to fastest. */
uint32_t nnq_kernels(void);

/* The name of a kernel: "scalar", "avx2", "avxvnni", "avx512vnni", "neon" or "neondot"; "unknown"
 * for an index past the last. */
const char *nnq_kernel_name(uint32_t kernel);

/* 1 when this CPU can run the kernel. Asks the CPU each time, which may take microseconds. */
int nnq_kernel_is_available(uint32_t kernel);

/* The fastest kernel that this CPU can run. */
uint32_t nnq_best_kernel(void);

/* The bytes of a model that is packed for a kernel; 0 for kernel 0 and for one past the last. */
size_t nnq_pack_bytes(const nnq_model *model, uint32_t kernel);

/* Packs a model for a kernel.
 *
 * packed: nnq_pack_bytes() bytes, aligned to NNQ_PACK_ALIGNMENT; ignored for kernel 0. It may be
 * shared between threads, moved, and used for as long as model, in this process alone: a packed
 * model is trusted, so never read one from a file.
 * Returns NNQ_OK, NNQ_ERROR_NULL, NNQ_ERROR_ALIGNMENT, NNQ_ERROR_KERNEL or NNQ_ERROR_PACKED; packed
 * is written only on NNQ_OK. */
nnq_status nnq_pack(const nnq_model *model, uint32_t kernel, void *packed, size_t packed_bytes);

/* The bytes of arena that nnq_run_batch() needs for so many rows with a kernel. It grows up to some
 * dozens of rows and stays there. */
size_t nnq_batch_arena_bytes(const nnq_model *model, uint32_t kernel, uint32_t rows);

/* Computes the output codes of rows of input codes.
 *
 * packed: from nnq_pack(); null for kernel 0. input: [rows][nnq_inputs()] codes, output:
 * [rows][nnq_outputs()] codes. arena: nnq_batch_arena_bytes() bytes, aligned to NNQ_ALIGNMENT, best
 * to NNQ_PACK_ALIGNMENT. None of the four may overlap another. Every input code is legal.
 * Returns NNQ_OK, NNQ_ERROR_NULL, NNQ_ERROR_ALIGNMENT, NNQ_ERROR_ARENA or NNQ_ERROR_PACKED, before
 * anything is read from input or written. */
nnq_status nnq_run_batch(const nnq_model *model, const void *packed, uint32_t rows,
                         const void *input, void *output, void *arena, size_t arena_bytes);

/* ---- Input and decisions ---- */

/* Turns nnq_inputs() sensor counts into input codes. A count outside its declared range is taken
 * as the range's end. NNQ_ERROR_UNDEFINED when the image declares no counts. */
nnq_status nnq_quantize_counts(const nnq_model *model, const int32_t *counts, void *input);

/* Decides a binary or multiclass task.
 *
 * label: binary: 1 where the code reaches the threshold, else 0; multiclass: the index of the
 * highest code, the lowest index on a tie.
 * margin (may be null): binary: code - threshold; multiclass: highest - second highest code.
 * NNQ_ERROR_UNDEFINED for another task. */
nnq_status nnq_class(const nnq_model *model, const void *output, uint32_t *label, int64_t *margin);

/* Decides a multilabel task: flags[i] is 1 where code i reaches its threshold, else 0, and
 * margins[i] (margins may be null) is code - threshold. NNQ_ERROR_UNDEFINED for another task. */
nnq_status nnq_flags(const nnq_model *model, const void *output, uint8_t *flags, int64_t *margins);

/* Computes probabilities in Q0.16: 65,536 stands for 1 and saturates to 65,535.
 *
 * One for each output: sigmoid for binary and multilabel, softmax for multiclass.
 * NNQ_ERROR_UNDEFINED when the model defines none. */
nnq_status nnq_probabilities(const nnq_model *model, const void *output, uint16_t *probabilities);

/* Computes the anomaly score of an input and its output: a sum of squared code differences, never
 * negative. It is an anomaly where score > nnq_score_threshold(); the margin is the threshold
 * minus the score. NNQ_ERROR_UNDEFINED for another task. */
nnq_status nnq_score(const nnq_model *model, const void *input, const void *output, int64_t *score);

/* The highest anomaly score that is still normal; 0 for another task. */
int64_t nnq_score_threshold(const nnq_model *model);

/* Tells what the codes of one output mean. NNQ_ERROR_UNDEFINED for an index past the last. */
nnq_status nnq_output_scale(const nnq_model *model, uint32_t index, nnq_scale *scale);

/* ---- Introspection ---- */

uint32_t nnq_inputs(const nnq_model *model);
uint32_t nnq_outputs(const nnq_model *model);
uint32_t nnq_layers(const nnq_model *model);

/* The bits of a code: 8 or 16. */
uint32_t nnq_input_bits(const nnq_model *model);
uint32_t nnq_output_bits(const nnq_model *model);

nnq_task nnq_model_task(const nnq_model *model);

/* 1 when the model defines probabilities, declares sensor counts, or has self-test vectors. */
int nnq_has_probabilities(const nnq_model *model);
int nnq_has_counts(const nnq_model *model);
int nnq_has_selftest(const nnq_model *model);

/* Tells what a layer is. NNQ_ERROR_UNDEFINED for an index past the last. */
nnq_status nnq_describe_layer(const nnq_model *model, uint32_t index, nnq_layer *layer);

#ifdef __cplusplus
}
#endif

#endif
