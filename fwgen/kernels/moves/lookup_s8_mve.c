/* out[i] = table[in[i]]: a load, a gather of 16 bytes and a store per 16 values; the gather takes a
 * cycle per byte.
 */
#include "lookup_s8_mve.h"

void fw_lookup_s8_mve(const void* table, const void* input, void* output, int32_t elements) {
  __asm__ volatile(
      "wlstp.8 lr, %[elements], 2f\n"
      "1:\n"
      "vldrb.u8 q0, [%[input]], #16\n"
      "vldrb.u8 q1, [%[table], q0]\n"
      "vstrb.8 q1, [%[output]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [input] "+r"(input), [output] "+r"(output)
      : [table] "r"(table), [elements] "r"(elements)
      : "lr", "q0", "q1", "memory");
}
