/* out = the least of the inputs. One comparison per input.
 */
#include "reduce_min_s8.h"

void fw_reduce_min_s8(const fw_reduction_params* p, const int8_t* input, int8_t* output) {
#define FW_ELEMENT int8_t
#define FW_STATE int8_t
#define FW_START INT8_MAX
#define FW_NEXT(best, in) ((in) < (best) ? (in) : (best))
#define FW_RESULT(best) best
#include "reduction_rows.h"
}
