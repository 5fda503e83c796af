/* SPDX-License-Identifier: Apache-2.0 */

/* Times one network in several runtimes of one process, in turn and again and again:
 *   time IMAGE IMAGE4 TFLITE ONNX INPUT OUTPUT INPUTS OUTPUTS BATCH ROUNDS NAME=LIBRARY...
 * where NAME is litert, onnxruntime or openvino with the path of its library, or nnq or nnq4 with the
 * name of a kernel, which run IMAGE and IMAGE4. Prints "NAME MINIMUM MEDIAN", nanoseconds a call. */

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "subject.h"

enum { MOST_SUBJECTS = 16, STRETCH = 200000 /* nanoseconds that one timed stretch lasts, about */ };

void fail(const char *what, const char *detail) {
  fprintf(stderr, "%s: %s\n", what, detail);
  exit(1);
}

void *library_at(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(path, dlerror());
  return library;
}

void *function_of(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found) fail("no function", name);
  return found;
}

void *buffer_of(size_t bytes) {
  void *buffer = NULL;
  size_t whole = (bytes + 127) / 64 * 64;
  if (posix_memalign(&buffer, 64, whole)) fail("memory", "none left");
  return memset(buffer, 1, whole);
}

static double nanoseconds(const subject *s, int calls) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < calls; ++i) s->run(s->state);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / calls;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static subject open_subject(const network *net, char *words) {
  char *detail = strchr(words, '=');
  if (!detail) fail("not NAME=LIBRARY", words);
  *detail++ = 0;
  if (strcmp(words, "nnq") == 0) return nnq_subject(net->image, net, detail);
  if (strcmp(words, "nnq4") == 0) {
    subject four = nnq_subject(net->image4, net, detail);
    four.name = "nnq4";
    return four;
  }
  if (strcmp(words, "litert") == 0) return litert_subject(net, detail);
  if (strcmp(words, "onnxruntime") == 0) return onnxruntime_subject(net, detail);
  if (strcmp(words, "openvino") == 0) return openvino_subject(net, detail);
  fail("no such runtime", words);
  return (subject){0};
}

int main(int count, char **words) {
  if (count < 12 || count - 11 > MOST_SUBJECTS) fail("time", "see the top of time.c");
  network net = {atoi(words[7]), atoi(words[8]), atoi(words[9]), words[1], words[2],
                 words[3],       words[4],       words[5],       words[6]};
  int rounds = atoi(words[10]), subjects = count - 11, calls[MOST_SUBJECTS];
  subject subject[MOST_SUBJECTS];
  double *times = malloc(sizeof *times * (size_t)rounds * MOST_SUBJECTS);
  if (!times || rounds < 1) fail("time", "rounds");
  for (int i = 0; i < subjects; ++i) {
    subject[i] = open_subject(&net, words[11 + i]);
    nanoseconds(&subject[i], 20); /* warm */
    calls[i] = (int)(STRETCH / nanoseconds(&subject[i], 20)) + 1;
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < subjects; ++i) times[i * rounds + round] = nanoseconds(&subject[i], calls[i]);
  }
  for (int i = 0; i < subjects; ++i) {
    qsort(&times[i * rounds], (size_t)rounds, sizeof *times, ascending);
    printf("%s %.1f %.1f\n", subject[i].name, times[i * rounds], times[i * rounds + rounds / 2]);
  }
  return 0;
}
