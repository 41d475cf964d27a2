/* Arithmetic: svdf_s16.c. The state of a filter moves down while it is multiplied: two loads, a
 * store and a multiply-accumulate for 8 values, 8 cycles; a filter adds some 30 cycles.
 */
#include "svdf_s16_mve.h"

#include "mve_required.h"
#include "requantize.h"

/* The sum of products of all values but the newest; moves them down. */
static int32_t older_s16(const int16_t* weights, int16_t* state, int32_t count, int32_t sum) {
  const int16_t* from = state + 1;
  __asm__ volatile(
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.16 q0, [%[from]], #16\n"
      "vldrh.16 q1, [%[weights]], #16\n"
      "vmladava.s16 %[sum], q0, q1\n"
      "vstrh.16 q0, [%[state]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [from] "+l"(from), [weights] "+l"(weights), [state] "+l"(state), [sum] "+Te"(sum)
      : [count] "r"(count)
      : "lr", "q0", "q1", "memory");
  return sum;
}

void fw_svdf_s16_mve(const fw_svdf_params* p, const int16_t* features, const int16_t* weights,
                     const int32_t* bias, int16_t* state, int8_t* output) {
  const int32_t last = p->memory - 1;
  for (int32_t b = 0; b < p->batches; b++) {
    const int16_t* w = weights;
    for (int32_t u = 0; u < p->units; u++) {
      int32_t sum = bias[u];
      for (int32_t r = 0; r < p->rank; r++) {
        sum = older_s16(w, state, last, sum);
        const int32_t feature = fw_clamp(*features++, INT16_MIN, INT16_MAX);
        state[last] = (int16_t)(feature + p->state_zero_point);
        sum = (int32_t)((uint32_t)sum + (uint32_t)(w[last] * state[last]));
        w += p->memory;
        state += p->memory;
      }
      const int32_t scaled = fw_requantize(sum, p->multiplier, p->shift);
      const int32_t shown = (int32_t)((uint32_t)scaled + (uint32_t)p->output_zero_point);
      *output++ = (int8_t)fw_clamp(shown, INT8_MIN, INT8_MAX);
    }
  }
}
