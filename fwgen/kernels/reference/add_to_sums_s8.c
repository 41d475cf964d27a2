/* sums += in; two loads, an addition and a store per element. */
#include "add_to_sums_s8.h"

void fw_add_to_sums_s8(const int8_t* input, int16_t* sums, int32_t elements, int32_t first) {
  for (int32_t i = 0; i < elements; i++) sums[i] = (int16_t)((first ? 0 : sums[i]) + input[i]);
}
