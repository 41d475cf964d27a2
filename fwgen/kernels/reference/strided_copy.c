/* out[output_offset + sum i*output_stride] = in[input_offset + sum i*input_stride] for every index
 * i of the nest. Elements of several bytes are one more level of the nest, so one kernel serves
 * every type. A load, a store and two additions per byte, or memcpy where a row has no gaps.
 */
#include "strided_copy.h"

void fw_strided_copy(const fw_strided_copy_params* p, const void* input, void* output) {
  const int32_t bytes = p->size[FW_LEVELS - 1];
  const int32_t in_stride = p->input_stride[FW_LEVELS - 1];
  const int32_t out_stride = p->output_stride[FW_LEVELS - 1];

  fw_rows rows = {.a = p->input_offset, .b = p->output_offset};
  do {
    const uint8_t* in = (const uint8_t*)input + rows.a;
    uint8_t* out = (uint8_t*)output + rows.b;
    if (in_stride == 1 && out_stride == 1) {
      __builtin_memcpy(out, in, (uint32_t)bytes);
    } else {
      for (int32_t i = 0; i < bytes; i++) out[i * out_stride] = in[i * in_stride];
    }
  } while (fw_next_row(&rows, p->size, p->input_stride, p->output_stride));
}
