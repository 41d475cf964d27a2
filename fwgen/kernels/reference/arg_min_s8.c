/* out[i,j] = the first k for which in[i,k,j] is least. One comparison per input. */
#include "arg_min_s8.h"

void fw_arg_min_s8(const fw_extreme_place_params* p, const int8_t* input, int32_t* output) {
#define FW_ELEMENT int8_t
#define FW_BETTER(element, best) ((element) < (best))
#include "extreme_place_rows.h"
}
