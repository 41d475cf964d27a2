/* As the reference kernel: the largest of 16 elements at a time, then the first vector that has it.
 */
#include "arg_max_s8_mve.h"

#include "mve_places.h"
#include "mve_runs.h"

void fw_arg_max_s8_mve(const fw_extreme_place_params* p, const int8_t* input, int32_t* output) {
  for (int32_t i = 0; i < p->outer; i++, input += p->axis) {
    const int8_t* in = input;
    int32_t best = *in;
    FW_STEP_RUN("vmaxv.s8", in, p->axis, best);
    output[i] = fw_first_place(input, p->axis, best);
  }
}
