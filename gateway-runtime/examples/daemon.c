/* SPDX-License-Identifier: Apache-2.0 */

/* daemon IMAGE SIGNATURE KEY: answers lines of 8-bit codes with the class and the number of the model
 * that gave it; "reload" reads both files again. What is refused changes nothing. KEY: in hexadecimal. */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nnq_slot.h"
#include "nnq_sodium.h"

static uint8_t image[1 << 20], signature[512], key[32];
static int8_t input[65535]; /* as many codes as a model can have */
static int16_t output[65535];

static size_t read_file(const char *path, void *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (file) fclose(file);
  return count;
}

static void reload(nnq_slot *slot, char **paths) {
  size_t size = read_file(paths[1], image, sizeof image);
  nnq_sodium_check check = {signature, read_file(paths[2], signature, sizeof signature),
                            key, 1, "motor", 0, (int64_t)time(NULL), 0};
  printf("model: %s\n", nnq_status_name(nnq_slot_swap(slot, image, size, nnq_sodium_verify, &check)));
}

static void answer(nnq_slot *slot, nnq_workspace *workspace, char *line) {
  uint32_t label, count = 0;
  for (char *word = strtok(line, ", \n"); word && count < 65535; word = strtok(NULL, ", \n"))
    input[count++] = (int8_t)strtol(word, NULL, 10);
  const nnq_live *live = nnq_slot_take(slot); /* ours until it is released */
  const nnq_model *model = live ? nnq_live_model(live) : NULL;
  if (model && nnq_input_bits(model) == 8 && nnq_inputs(model) == count &&
      nnq_live_run(live, workspace, 1, input, output) == NNQ_OK &&
      nnq_class(model, output, &label, NULL) == NNQ_OK)
    printf("class %u, model %u\n", (unsigned)label, (unsigned)nnq_live_number(live));
  else
    puts("no answer");
  nnq_live_release(live);
}

int main(int count, char **arguments) {
  char line[1 << 18];
  if (count != 4 || strlen(arguments[3]) != 64) return 2;
  if (sodium_hex2bin(key, sizeof key, arguments[3], 64, NULL, NULL, NULL) != 0) return 2;
  nnq_slot *slot = nnq_slot_new();
  nnq_workspace *workspace = nnq_workspace_new();
  if (!slot || !workspace) return 70;
  setvbuf(stdout, NULL, _IOLBF, 0);
  reload(slot, arguments);
  while (fgets(line, sizeof line, stdin))
    strcmp(line, "reload\n") == 0 ? reload(slot, arguments) : answer(slot, workspace, line);
  return 0;
}
