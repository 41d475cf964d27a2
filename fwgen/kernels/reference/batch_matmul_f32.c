/* out[y,x] = sum l * r, added up in the order of the depth.
 * One multiplication per output and depth.
 */
#include "batch_matmul_f32.h"

void fw_batch_matmul_f32(const fw_batch_matmul_params* p, const float* left, const float* right,
                         float* output) {
#define FW_ELEMENT float
#define FW_SUM float
#define FW_PRODUCT(a, b) ((a) * (b))
#define FW_RESULT(sum) sum
#include "batch_matmul_rows.h"
}
