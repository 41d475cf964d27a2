/* out[i] = table[in[i]]: two loads and a store per element. */
#include "lookup_s8.h"

void fw_lookup_s8(const int8_t* table, const int8_t* input, int8_t* output, int32_t elements) {
  for (int32_t i = 0; i < elements; i++) output[i] = table[(uint8_t)input[i]];
}
