/* Arithmetic: short_products_s16.c. Per 8 inputs and 2 units: 3 loads and 2 multiply-accumulates of
 * 64 bits in a tail-predicated loop of 7 cycles, 2.3 MAC a cycle; a unit adds some 25 cycles.
 */
#include "short_products_s16_mve.h"

#include "mve_required.h"
#include "requantize_wide.h"

static int16_t finished_product(const fw_short_products_params* p, int64_t sum, const int64_t* bias,
                                int32_t unit, int16_t before) {
  const int64_t whole = bias ? sum + bias[unit] : sum;
  const int16_t scaled = fw_saturate_s16(fw_requantize_wide(whole, p->multiplier, p->shift));
  return p->add ? fw_saturate_s16(before + scaled) : scaled;
}

static void short_products_row(const fw_short_products_params* p, const int16_t* input,
                               const int8_t* w, const int64_t* bias, int16_t* output) {
  for (int32_t u = 0; u < p->units; u += 2) {
    const int16_t* x = input;
    int64_t sum0 = 0, sum1 = 0;
    __asm__ volatile(
        "dlstp.16 lr, %[depth]\n"
        "1:\n"
        "vldrh.16 q0, [%[x]], #16\n"
        "vldrb.s16 q1, [%[w]], #8\n"
        "vmlaldava.s16 %Q[sum0], %R[sum0], q0, q1\n"
        "vldrb.s16 q2, [%[w]], #8\n"
        "vmlaldava.s16 %Q[sum1], %R[sum1], q0, q2\n"
        "letp lr, 1b\n"
        : [sum0] "+r"(sum0), [sum1] "+r"(sum1), [x] "+l"(x), [w] "+l"(w)
        : [depth] "r"(p->depth)
        : "lr", "q0", "q1", "q2", "memory");
    output[u] = finished_product(p, sum0, bias, u, output[u]);
    if (u + 1 < p->units) output[u + 1] = finished_product(p, sum1, bias, u + 1, output[u + 1]);
  }
}

void fw_short_products_s16_mve(const fw_short_products_params* p, const int16_t* input,
                               const int8_t* weights, const int64_t* bias, int16_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    short_products_row(p, input + r * p->row_pitch, weights, bias, output + r * p->units);
  }
}
