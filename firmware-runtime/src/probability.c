/* SPDX-License-Identifier: Apache-2.0 */

#include "bytes.h"
#include "nnq.h"
#include "outputs.h"
#include "requantize.h"

#if NNQ_HAS_PROBABILITIES

/* round(2^30 * 2^(-i/64)) */
static const uint32_t coarse[64] = {
    1073741824U, 1062175491U, 1050733751U, 1039415261U, 1028218693U, 1017142735U, 1006186087U,
    995347464U,  984625594U,  974019220U,  963527098U,  953147997U,  942880699U,  932724001U,
    922676710U,  912737649U,  902905651U,  893179563U,  883558244U,  874040567U,  864625413U,
    855311680U,  846098274U,  836984114U,  827968132U,  819049271U,  810226483U,  801498734U,
    792865000U,  784324269U,  775875538U,  767517817U,  759250125U,  751071493U,  742980960U,
    734977579U,  727060411U,  719228525U,  711481005U,  703816941U,  696235434U,  688735596U,
    681316545U,  673977412U,  666717336U,  659535466U,  652430958U,  645402981U,  638450708U,
    631573326U,  624770026U,  618040012U,  611382493U,  604796689U,  598281827U,  591837143U,
    585461881U,  579155293U,  572916640U,  566745190U,  560640218U,  554601009U,  548626854U,
    542717053U,
};

/* round(2^30 * 2^(-i/4096)) */
static const uint32_t fine[64] = {
    1073741824U, 1073560135U, 1073378477U, 1073196849U, 1073015252U, 1072833686U, 1072652151U,
    1072470646U, 1072289173U, 1072107729U, 1071926317U, 1071744935U, 1071563584U, 1071382264U,
    1071200974U, 1071019715U, 1070838486U, 1070657289U, 1070476122U, 1070294985U, 1070113879U,
    1069932804U, 1069751760U, 1069570746U, 1069389763U, 1069208810U, 1069027888U, 1068846997U,
    1068666136U, 1068485306U, 1068304506U, 1068123737U, 1067942999U, 1067762291U, 1067581614U,
    1067400968U, 1067220351U, 1067039766U, 1066859211U, 1066678687U, 1066498193U, 1066317730U,
    1066137297U, 1065956895U, 1065776523U, 1065596182U, 1065415871U, 1065235591U, 1065055341U,
    1064875122U, 1064694933U, 1064514775U, 1064334647U, 1064154550U, 1063974484U, 1063794447U,
    1063614442U, 1063434466U, 1063254521U, 1063074607U, 1062894723U, 1062714869U, 1062535046U,
    1062355254U,
};

enum { OCTAVES = 32, STEPS_PER_OCTAVE = 4096 };

/* exp of minus a distance of so many codes, in Q0.30. */
static uint32_t exp_q30(const nnq_model *model, int32_t distance) {
  int64_t steps =
      nnq_requantize(distance, nnq_i32(model->outputs + 4), model->outputs[8]);
  if (steps >= OCTAVES * (int32_t)STEPS_PER_OCTAVE) return 0;
  uint32_t t = (uint32_t)steps;
  uint64_t product = (uint64_t)coarse[t >> 6 & 63] * fine[t & 63];
  return (uint32_t)((product + (UINT32_C(1) << 29)) >> 30) >> (t >> 12);
}

/* part / sum in Q0.16, rounded to nearest, with 1 taken as 65,535. part <= 2^30 <= sum < 2^47. */
static uint16_t share(uint64_t part, uint64_t sum) {
  uint64_t quotient = (part * 65536 + (sum >> 1)) / sum;
  return (uint16_t)(quotient > UINT16_MAX ? UINT16_MAX : quotient);
}

static void softmax(const nnq_model *model, const void *output, uint16_t *probabilities) {
  uint32_t bits = model->output_bits;
  int32_t highest = nnq_code(output, bits, 0);
  for (uint32_t o = 1; o < model->output_count; o++) {
    int32_t code = nnq_code(output, bits, o);
    if (code > highest) highest = code;
  }
  uint64_t sum = 0;
  for (uint32_t o = 0; o < model->output_count; o++) {
    sum += exp_q30(model, highest - nnq_code(output, bits, o));
  }
  for (uint32_t o = 0; o < model->output_count; o++) {
    probabilities[o] = share(exp_q30(model, highest - nnq_code(output, bits, o)), sum);
  }
}

static uint16_t sigmoid(const nnq_model *model, int32_t distance) {
  uint32_t part = exp_q30(model, distance < 0 ? -distance : distance);
  uint32_t one = UINT32_C(1) << 30;
  return share(distance < 0 ? part : one, (uint64_t)one + part);
}

nnq_status nnq_probabilities(const nnq_model *model, const void *output, uint16_t *probabilities) {
  if (!model || !output || !probabilities) return NNQ_ERROR_NULL;
  if (!nnq_defines_probabilities(model)) return NNQ_ERROR_UNDEFINED;
  if (model->task == NNQ_TASK_MULTICLASS) {
    softmax(model, output, probabilities);
    return NNQ_OK;
  }
  for (uint32_t o = 0; o < model->output_count; o++) {
    int32_t code = nnq_code(output, model->output_bits, o);
    probabilities[o] = sigmoid(model, code - nnq_output_origin(model, o));
  }
  return NNQ_OK;
}

#else

nnq_status nnq_probabilities(const nnq_model *model, const void *output, uint16_t *probabilities) {
  (void)model, (void)output, (void)probabilities;
  return NNQ_ERROR_UNDEFINED;
}

#endif
