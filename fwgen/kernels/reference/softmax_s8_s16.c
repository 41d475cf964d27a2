/* softmax_nest.h to int16 in units of 1/65536. */
#include "softmax_s8_s16.h"

#define FW_OUTPUT int16_t
#define FW_LOW INT16_MIN
#define FW_HIGH INT16_MAX
#define FW_FINER 8
#define FW_ROW softmax_row_s8_s16
#define FW_NEST softmax_nest_s8_s16
#include "softmax_nest.h"

void fw_softmax_s8_s16(const fw_softmax_params* p, const int32_t* exponentials, const int8_t* input,
                       int16_t* output) {
  softmax_nest_s8_s16(p, exponentials, input, output);
}
