/* out = the least of the inputs, and at most FLT_MAX, where TFLM starts. What is not a number is
 * left out. One comparison per input.
 */
#include "reduce_min_f32.h"

#include <float.h>

void fw_reduce_min_f32(const fw_reduction_params* p, const float* input, float* output) {
#define FW_ELEMENT float
#define FW_STATE float
#define FW_START FLT_MAX
#define FW_NEXT(best, in) ((in) < (best) ? (in) : (best))
#define FW_RESULT(best) best
#include "reduction_rows.h"
}
