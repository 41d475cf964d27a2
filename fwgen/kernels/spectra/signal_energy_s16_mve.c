/* Arithmetic: signal_energy_s16.c. 4 outputs at a time: a load, squares of real and imaginary
 * parts, their sum and a store.
 */
#include "signal_energy_s16_mve.h"

#include "mve_required.h"

void fw_signal_energy_s16_mve(const int16_t* input, uint32_t* output, int32_t count, int32_t first,
                              int32_t end) {
  for (int32_t i = 0; i < first; i++) output[i] = 0;
  for (int32_t i = end; i < count; i++) output[i] = 0;
  const int16_t* in = input + 2 * first;
  uint32_t* out = output + first;
  __asm__ volatile(
      "wlstp.16 lr, %[numbers], 2f\n"
      "1:\n"
      "vldrh.u16 q0, [%[in]], #16\n"
      "vmullb.s16 q1, q0, q0\n"
      "vmullt.s16 q2, q0, q0\n"
      "vadd.i32 q1, q1, q2\n"
      "vstrw.32 q1, [%[out]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in] "+l"(in), [out] "+l"(out)
      : [numbers] "r"(2 * (end - first))
      : "lr", "cc", "q0", "q1", "q2", "memory");
}
