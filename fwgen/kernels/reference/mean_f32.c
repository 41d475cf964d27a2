/* out = sum of the inputs / their number, added up in their order. One addition per input.
 */
#include "mean_f32.h"

void fw_mean_f32(const fw_counted_reduction_params* p, const float* input, float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START 0.0f
#define FW_NEXT(sum, in) ((sum) + (in))
#define FW_RESULT(sum) (sum) / (float)p->count
#include "reduction_rows.h"
}
