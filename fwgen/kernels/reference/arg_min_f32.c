/* out[i,j] = the first k for which in[i,k,j] is least. One comparison per input. */
#include "arg_min_f32.h"

void fw_arg_min_f32(const fw_extreme_place_params* p, const float* input, int32_t* output) {
#define FW_ELEMENT float
#define FW_BETTER(element, best) ((element) < (best))
#include "extreme_place_rows.h"
}
