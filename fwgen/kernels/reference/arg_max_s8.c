/* out[i,j] = the first k for which in[i,k,j] is largest. One comparison per input. */
#include "arg_max_s8.h"

void fw_arg_max_s8(const fw_extreme_place_params* p, const int8_t* input, int32_t* output) {
#define FW_ELEMENT int8_t
#define FW_BETTER(element, best) ((element) > (best))
#include "extreme_place_rows.h"
}
