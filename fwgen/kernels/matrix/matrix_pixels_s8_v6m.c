/* Pixels are put side by side in scratch, three in two words, and multiplied: v6m_thirds.h. */
#include "matrix_pixels_s8_v6m.h"

void fw_matrix_pixels_s8_v6m(const fw_thirds_params* p, const int8_t* input, const int32_t* weights,
                             fw_matrix_thirds* kernel, fw_matrix_thirds* last, uint8_t* scratch,
                             int8_t* output) {
  uint32_t* const columns = (uint32_t*)(void*)scratch;

  for (int32_t left = p->count; left > 0;) {
    const int32_t triples = fw_triples_of(p, left);
    const int32_t here = left < 3 * triples ? left : 3 * triples;
    int32_t repeated = 3 * triples - here;
    for (int32_t t = 0, before = repeated; t < triples; t++) {
      const int8_t* pixel[3];
      for (int32_t i = 0; i < 3; i++) {
        pixel[i] = input;
        if (before > 0) {
          before--;
        } else {
          input += p->input_pitch;
        }
      }
      fw_put_thirds(pixel[0], pixel[1], pixel[2], p->depth, triples, columns + 2 * t);
    }
    fw_multiply_thirds(p, triples == p->triples ? kernel : last, triples, repeated, columns,
                       weights, output);
    left -= here;
    output += here * p->channels;
  }
}
