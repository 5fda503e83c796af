/* SPDX-License-Identifier: Apache-2.0 */

/* daemon IMAGE KEY.pub: answers lines of input codes with the class and the number of the model that
 * gave it. The line "reload" reads IMAGE and IMAGE.sig again; what is refused changes nothing. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nnq_slot.h"
#include "nnq_sodium.h"

enum { MOST_CODES = 1024 };
static uint8_t image[1 << 20], signature[512], key[32];

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (file) fclose(file);
  return count;
}

static void reload(nnq_slot *slot, const char *path) {
  char signature_path[4096];
  snprintf(signature_path, sizeof signature_path, "%s.sig", path);
  nnq_sodium_check check = {signature, read_file(signature_path, signature, sizeof signature),
                            key, 1, "motor", 0, (int64_t)time(NULL), 0};
  size_t size = read_file(path, image, sizeof image);
  nnq_status status = nnq_slot_swap(slot, image, size, nnq_sodium_verify, &check);
  printf("model: %s\n", nnq_status_name(status));
  fflush(stdout);
}

static void answer(nnq_slot *slot, nnq_workspace *workspace, char *line) {
  static int16_t input[MOST_CODES], output[MOST_CODES];
  const nnq_live *live = nnq_slot_take(slot); /* ours until it is released */
  const nnq_model *model = live ? nnq_live_model(live) : NULL;
  uint32_t label = 0, count = model ? nnq_inputs(model) : 0, i = 0;
  for (char *word = strtok(line, ", \n"); word && i < MOST_CODES; word = strtok(NULL, ", \n")) {
    long code = strtol(word, NULL, 10);
    if (model && nnq_input_bits(model) == 8) ((int8_t *)input)[i++] = (int8_t)code;
    else input[i++] = (int16_t)code;
  }
  if (model && i == count && nnq_outputs(model) <= MOST_CODES &&
      nnq_live_run(live, workspace, 1, input, output) == NNQ_OK &&
      nnq_class(model, output, &label, NULL) == NNQ_OK) {
    printf("class %u, model %u\n", (unsigned)label, (unsigned)nnq_live_number(live));
  } else {
    puts("no answer");
  }
  nnq_live_release(live);
}

int main(int count, char **arguments) {
  char line[65536], text[65];
  FILE *keys = count == 3 ? fopen(arguments[2], "r") : NULL;
  if (!keys || fscanf(keys, "ed25519 %64[0-9a-f]", text) != 1 || strlen(text) != 64) return 2;
  for (size_t i = 0; i < 32; i++) {
    char byte[3] = {text[2 * i], text[2 * i + 1], 0};
    key[i] = (uint8_t)strtoul(byte, NULL, 16);
  }
  nnq_slot *slot = nnq_slot_new();
  nnq_workspace *workspace = nnq_workspace_new();
  if (!slot || !workspace) return 70;
  reload(slot, arguments[1]);
  while (fgets(line, sizeof line, stdin)) {
    if (strcmp(line, "reload\n") == 0) reload(slot, arguments[1]);
    else answer(slot, workspace, line);
    fflush(stdout);
  }
  nnq_workspace_free(workspace);
  nnq_slot_free(slot);
  fclose(keys);
  return 0;
}
