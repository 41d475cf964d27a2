/* The strided copy with an offset that is a sum of products of the start's numbers. */
#include "copy_at.h"

void fw_copy_at(const fw_copy_at_params* p, const void* start, const void* input, void* output,
                void (*copy)(const fw_strided_copy_params* p, const void* input, void* output)) {
  int32_t offset = 0;
  for (int32_t i = 0; i < p->dimensions; i++) {
    const int64_t wanted = p->wide ? ((const int64_t*)start)[i] : ((const int32_t*)start)[i];
    const int32_t below = wanted < p->most[i] ? (int32_t)wanted : p->most[i];
    offset += (wanted < 0 ? 0 : below) * p->start_stride[i];
  }
  fw_strided_copy_params window;
  for (int32_t i = 0; i < FW_LEVELS; i++) {
    window.size[i] = p->size[i];
    window.input_stride[i] = p->input_stride[i];
    window.output_stride[i] = p->output_stride[i];
  }
  window.input_offset = p->into ? 0 : offset;
  window.output_offset = p->into ? offset : 0;
  copy(&window, input, output);
}
