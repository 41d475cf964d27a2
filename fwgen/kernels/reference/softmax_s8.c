/* softmax_nest.h to int8 in units of 1/256. */
#include "softmax_s8.h"

#define FW_OUTPUT int8_t
#define FW_LOW INT8_MIN
#define FW_HIGH INT8_MAX
#define FW_FINER 0
#define FW_ROW softmax_row_s8
#define FW_NEST softmax_nest_s8
#include "softmax_nest.h"

void fw_softmax_s8(const fw_softmax_params* p, const int32_t* exponentials, const int8_t* input,
                   int8_t* output) {
  softmax_nest_s8(p, exponentials, input, output);
}
