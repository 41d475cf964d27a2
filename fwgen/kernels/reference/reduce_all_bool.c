/* out = whether all inputs are 1; they are 0 or 1. One conjunction per input.
 */
#include "reduce_all_bool.h"

void fw_reduce_all_bool(const fw_reduction_params* p, const uint8_t* input, uint8_t* output) {
#define FW_ELEMENT uint8_t
#define FW_STATE int32_t
#define FW_START 1
#define FW_NEXT(all, in) ((all) & (in))
#define FW_RESULT(all) (uint8_t)(all)
#include "reduction_rows.h"
}
