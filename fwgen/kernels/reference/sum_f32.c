/* out = sum of the inputs, added up in their order. One addition per input.
 */
#include "sum_f32.h"

void fw_sum_f32(const fw_reduction_params* p, const float* input, float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START 0.0f
#define FW_NEXT(sum, in) ((sum) + (in))
#define FW_RESULT(sum) (sum)
#include "reduction_rows.h"
}
