/* out[y,x] = clamp(requantize(sum l * r)); zero points are 0. 64-bit sums, rounded once, proven at
 * build not to overflow. One multiplication per output and depth.
 */
#include "batch_matmul_s16.h"

#include "requantize.h"
#include "requantize_wide.h"

void fw_batch_matmul_s16(const fw_batch_matmul_params* p, const int16_t* left, const int16_t* right,
                         int16_t* output) {
#define FW_ELEMENT int16_t
#define FW_SUM int64_t
#define FW_PRODUCT(a, b) ((a) * (b))
#define FW_RESULT(sum)                                                                         \
  (int16_t)fw_clamp(fw_requantize_wide(sum, p->output_multiplier, p->output_shift), INT16_MIN, \
                    INT16_MAX)
#include "batch_matmul_rows.h"
}
