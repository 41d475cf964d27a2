/* Arithmetic: signal_window_s16.c. 8 samples at a time: two loads, products of 32 bits of even and
 * odd samples, which are shifted, saturated and narrowed, and a store. The last ones are computed
 * one by one, as a loop that ends within a vector would leave parts of products.
 */
#include "signal_window_s16_mve.h"

#include "mve_required.h"
#include "requantize.h"

void fw_signal_window_s16_mve(const int16_t* input, const int16_t* window, int16_t* output,
                              int32_t rows, int32_t size, int32_t shift) {
  for (int32_t r = 0; r < rows; r++, input += size, output += size) {
    const int16_t *in = input, *factors = window;
    int16_t* out = output;
    __asm__ volatile(
        "wls lr, %[vectors], 2f\n"
        "1:\n"
        "vldrh.u16 q0, [%[in]], #16\n"
        "vldrh.u16 q1, [%[factors]], #16\n"
        "vmullb.s16 q2, q0, q1\n"
        "vmullt.s16 q3, q0, q1\n"
        "vshl.s32 q2, %[left]\n"
        "vshl.s32 q3, %[left]\n"
        "vqmovnb.s32 q0, q2\n"
        "vqmovnt.s32 q0, q3\n"
        "vstrh.16 q0, [%[out]], #16\n"
        "le lr, 1b\n"
        "2:\n"
        : [in] "+l"(in), [factors] "+l"(factors), [out] "+l"(out)
        : [vectors] "r"(size / 8), [left] "r"(-shift)
        : "lr", "q0", "q1", "q2", "q3", "memory");
    for (int32_t i = size & ~7; i < size; i++) {
      output[i] = (int16_t)fw_clamp((input[i] * window[i]) >> shift, INT16_MIN, INT16_MAX);
    }
  }
}
