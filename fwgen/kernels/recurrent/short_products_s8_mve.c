/* Arithmetic: short_products_s8.c; rounding: mve_requantize.h, with the fix-up only where there is
 * a shift to the right. Per 16 inputs and 4 units: 5 loads and 4 multiply-accumulates in a
 * tail-predicated loop of 9 cycles, 7.1 MAC a cycle; a tile of 4 units adds some 35 cycles.
 */
#include "short_products_s8_mve.h"

#include "mve_required.h"

/* Sums of a tile in a0 to a3, which become q3. Nothing but the loop may come between its start and
 * its end: the predication starts with the first. */
#define TILE                          \
  "1:\n"                              \
  "vldrw.32 q4, [%[w]], #16\n"        \
  "mov %[x], %[input]\n"              \
  "movs %[a0], #0\n"                  \
  "movs %[a1], #0\n"                  \
  "mov %[a2], #0\n"                   \
  "mov %[a3], #0\n"                   \
  "dlstp.8 lr, %[depth]\n"            \
  "2:\n"                              \
  "vldrb.8 q0, [%[x]], #16\n"         \
  "vldrb.8 q1, [%[w]], #16\n"         \
  "vmladava.s8 %[a0], q0, q1\n"       \
  "vldrb.8 q2, [%[w]], #16\n"         \
  "vmladava.s8 %[a1], q0, q2\n"       \
  "vldrb.8 q1, [%[w]], #16\n"         \
  "vmladava.s8 %[a2], q0, q1\n"       \
  "vldrb.8 q2, [%[w]], #16\n"         \
  "vmladava.s8 %[a3], q0, q2\n"       \
  "letp lr, 2b\n"                     \
  "vmov q3[2], q3[0], %[a0], %[a2]\n" \
  "vmov q3[3], q3[1], %[a1], %[a3]\n" \
  "ldr lr, [%[scale], #12]\n"         \
  "vadd.i32 q3, q3, q4\n"             \
  "vshl.s32 q3, q3, q6\n"             \
  "vqrdmulh.s32 q3, q3, q5\n"         \
  "vqdmlah.s32 q3, q3, lr\n"          \
  "vrshl.s32 q3, q3, q7\n"            \
  "vctp.32 %[left]\n"                 \
  "vqmovnb.s32 q3, q3\n"

#define SCALE                \
  "ldr lr, [%[scale], #0]\n" \
  "vdup.32 q5, lr\n"         \
  "ldr lr, [%[scale], #4]\n" \
  "vdup.32 q6, lr\n"         \
  "ldr lr, [%[scale], #8]\n" \
  "vdup.32 q7, lr\n"

/* Adds to what the output holds. */
#define ADD                   \
  "vpst\n"                    \
  "vldrht.s32 q0, [%[out]]\n" \
  "vqadd.s16 q3, q3, q0\n"

#define END                      \
  "vpst\n"                       \
  "vstrht.32 q3, [%[out]], #8\n" \
  "subs %[left], %[left], #4\n"  \
  "bgt 1b\n"

#define ROW(name, add)                                                                           \
  static void name(const fw_short_products_params* p, const int32_t* scale, const int8_t* input, \
                   const int32_t* w, int16_t* out) {                                             \
    const int8_t* x;                                                                             \
    int32_t a0, a1, a2, a3, left = p->units;                                                     \
    __asm__ volatile(SCALE TILE add END                                                          \
                     : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3),       \
                       [w] "+l"(w), [x] "=&r"(x), [out] "+l"(out), [left] "+r"(left)             \
                     : [input] "r"(input), [depth] "r"(p->depth), [scale] "r"(scale)             \
                     : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");    \
  }

ROW(first_products, "")
ROW(more_products, ADD)

void fw_short_products_s8_mve(const fw_short_products_params* p, const int8_t* input,
                              const int32_t* weights, int16_t* output) {
  const int32_t left = p->shift > 0 ? p->shift : 0, right = p->shift < 0 ? p->shift : 0;
  const int32_t scale[4] = {p->multiplier, left, right, right ? 1 : 0};
  for (int32_t r = 0; r < p->rows; r++) {
    if (p->add) {
      more_products(p, scale, input, weights, output);
    } else {
      first_products(p, scale, input, weights, output);
    }
    input += p->row_pitch;
    output += p->units;
  }
}

#undef TILE
#undef SCALE
#undef ADD
#undef END
#undef ROW
