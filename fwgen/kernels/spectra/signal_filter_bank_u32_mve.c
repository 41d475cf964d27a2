/* Arithmetic: signal_filter_bank_u32.c. 4 energies of a band at a time: three loads, and both sums
 * of products of 32 bits go on in 64.
 */
#include "signal_filter_bank_u32_mve.h"

#include "mve_required.h"

void fw_signal_filter_bank_u32_mve(const uint32_t* input, const int16_t* weights,
                                   const int16_t* unweights, const int16_t* starts,
                                   const int16_t* weight_starts, const int16_t* widths,
                                   uint64_t* output, int32_t channels) {
  uint64_t sum = 0; /* what the band before leaves for this one */
  for (int32_t band = 0; band <= channels; band++) {
    const uint32_t* in = input + starts[band];
    const int16_t *own = weights + weight_starts[band], *next = unweights + weight_starts[band];
    const int32_t width = widths[band] > 0 ? widths[band] : 0;
    uint64_t carried = 0;
    __asm__ volatile(
        "wlstp.32 lr, %[width], 2f\n"
        "1:\n"
        "vldrw.u32 q0, [%[in]], #16\n"
        "vldrh.u32 q1, [%[own]], #8\n"
        "vldrh.u32 q2, [%[next]], #8\n"
        "vmlaldava.u32 %Q[sum], %R[sum], q0, q1\n"
        "vmlaldava.u32 %Q[carried], %R[carried], q0, q2\n"
        "letp lr, 1b\n"
        "2:\n"
        :
        [in] "+l"(in), [own] "+l"(own), [next] "+l"(next), [sum] "+r"(sum), [carried] "+r"(carried)
        : [width] "r"(width)
        : "lr", "cc", "q0", "q1", "q2", "memory");
    if (band > 0) output[band - 1] = sum;
    sum = carried;
  }
}
