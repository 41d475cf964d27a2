/* Arithmetic: mve_requantize_elements.h. 4 elements take some 20 cycles. */
#include "requantize_s16_s8_mve.h"

void fw_requantize_s16_s8_mve(const fw_requantize_elements_params* p, const int16_t* input,
                              int8_t* output) {
  const int32_t away = p->right < 0; /* whether halves below zero are to be mended */
  __asm__ volatile(
      "wlstp.32 lr, %[n], 2f\n"
      "1:\n"
      "vldrh.s32 q0, [%[in]], #8\n"
      FW_REQUANTIZE_ELEMENTS("q0")
      "vqmovnb.s32 q0, q0\n"
      "vqmovnb.s16 q0, q0\n"
      "vstrb.32 q0, [%[out]], #4\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in] "+l"(input), [out] "+l"(output)
      : [n] "r"(p->elements), FW_REQUANTIZE_OPERANDS
      : "lr", "q0", "memory");
}
