/* out = condition ? in1 : in2; two loads and a store per output. */
#include "select_s8.h"

void fw_select_s8(const fw_select_params* p, const uint8_t* condition, const int8_t* input1,
                  const int8_t* input2, int8_t* output) {
#include "select_rows.h"
}
