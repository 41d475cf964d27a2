/* As the reference kernel: the largest of 16 elements that follow one another, where they are
 * reduced, in 4 cycles; else 16 outputs at a time, 5 cycles for as many elements.
 */
#include "reduce_max_s8_mve.h"

#define FW_EXTREME(name) name##_max_s8
#define FW_START INT8_MIN
#define FW_OF_RUN "vmaxv.s8"
#define FW_OF_TWO "vmax.s8"
#include "mve_extremes.h"

void fw_reduce_max_s8_mve(const fw_reduction_params* p, const int8_t* input, int8_t* output) {
  reduce_max_s8(p, input, output);
}
