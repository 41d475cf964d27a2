/* Arithmetic: signal_fft_auto_scale_s16.c. 8 samples at a time, first the greatest magnitude, then
 * the shift. Where there is a -32768, whose magnitude is none of 16 bits, the samples behind the
 * last one of them are looked at one by one.
 */
#include "signal_fft_auto_scale_s16_mve.h"

#include "mve_required.h"

/* The greatest magnitude of samples of which one is -32768 at least. As TFLM has it, that counts as
 * the least, and any sample behind it as greater. */
static int32_t greatest_behind(const int16_t* input, int32_t count) {
  int32_t most = INT16_MIN, i = count;
  while (input[i - 1] != INT16_MIN) i--;
  for (; i < count; i++) {
    const int32_t value = input[i];
    if (value > most) {
      most = value;
    } else if (-value > most) {
      most = -value;
    }
  }
  return most;
}

void fw_signal_fft_auto_scale_s16_mve(const int16_t* input, int16_t* output, int32_t* bits,
                                      int32_t count) {
  const int16_t* in = input;
  int32_t most = 0;
  __asm__ volatile(
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q0, [%[in]], #16\n"
      "vmaxav.s16 %[most], q0\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in] "+l"(in), [most] "+r"(most)
      : [count] "r"(count)
      : "lr", "cc", "q0", "memory");
  if (most > INT16_MAX) most = greatest_behind(input, count);
  const int32_t shift = most > 0 ? __builtin_clz((uint32_t)most) - 17 : 0;
  __asm__ volatile(
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q0, [%[in]], #16\n"
      "vshl.s16 q0, %[shift]\n"
      "vstrh.16 q0, [%[out]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in] "+l"(input), [out] "+l"(output)
      : [count] "r"(count), [shift] "r"(shift)
      : "lr", "cc", "q0", "memory");
  *bits = shift;
}
