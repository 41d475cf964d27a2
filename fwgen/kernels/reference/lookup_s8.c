/* out[i] = table[in[i]]: two loads and a store per element. Four of them go together, so that no
 * load waits for the one before it.
 */
#include "lookup_s8.h"

void fw_lookup_s8(const void* table, const void* input, void* output, int32_t elements) {
  const uint8_t *entries = table, *in = input;
  uint8_t* out = output;
  int32_t left = elements;
  for (; left >= 4; left -= 4, in += 4, out += 4) {
    const uint8_t a = in[0], b = in[1], c = in[2], d = in[3];
    const uint8_t of_a = entries[a], of_b = entries[b], of_c = entries[c], of_d = entries[d];
    out[0] = of_a;
    out[1] = of_b;
    out[2] = of_c;
    out[3] = of_d;
  }
  for (; left > 0; left--) *out++ = entries[*in++];
}
