/* out = log(in). */
#include "log_f32.h"

#include "float_log.h"

void fw_log_f32(const int64_t* logs, const float* input, float* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = fw_float_log(logs, input[i]);
}
