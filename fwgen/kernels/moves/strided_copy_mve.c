/* As the reference kernel; rows without gaps take 4 cycles per 16 bytes. */
#include "strided_copy_mve.h"

#include "mve_copy.h"

void fw_strided_copy_mve(const fw_strided_copy_params* p, const void* input, void* output) {
  const int32_t bytes = p->size[FW_LEVELS - 1];
  const int32_t in_stride = p->input_stride[FW_LEVELS - 1];
  const int32_t out_stride = p->output_stride[FW_LEVELS - 1];

  fw_rows rows = {.a = p->input_offset, .b = p->output_offset};
  do {
    const int8_t* in = (const int8_t*)input + rows.a;
    int8_t* out = (int8_t*)output + rows.b;
    if (in_stride == 1 && out_stride == 1) {
      fw_mve_copy(in, bytes, out);
    } else {
      for (int32_t i = 0; i < bytes; i++) out[i * out_stride] = in[i * in_stride];
    }
  } while (fw_next_row(&rows, p->size, p->input_stride, p->output_stride));
}
