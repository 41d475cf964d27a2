/* out[i] = in[i] less the upper bits that do not fit, or whether it is not 0: 20 cycles, most of
 * them to tell sizes apart.
 */
#include "cast_integers.h"

void fw_cast_integers(const fw_cast_params* p, const void* input, void* output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t value = fw_cast_load(input, i, p->input_bytes, p->input_signed);
    fw_cast_store(output, i, p->output_bytes, p->to_bool ? value != 0u : value);
  }
}
