/* Arithmetic and layout: mve_matrix.h. The weights pass once per pixel; a vector of inputs serves
 * four channels. Per 16 inputs and 4 channels: 5 loads and 4 multiply-accumulates in a
 * tail-predicated loop of 9 cycles, 7.1 MAC a cycle; a block of 8 channels adds some 45 cycles.
 */
#include "matrix_row_s8_mve.h"

#include "mve_requantize.h"

/* Sums of a tile in a0 to a3. Nothing but the loop may come between its start and its end: the
 * predication starts with the first. */
#define TILE                    \
  "mov %[x], %[input]\n"        \
  "dlstp.8 lr, %[depth]\n"      \
  "2:\n"                        \
  "vldrb.8 q0, [%[x]], #16\n"   \
  "vldrb.8 q1, [%[w]], #16\n"   \
  "vmladava.s8 %[a0], q0, q1\n" \
  "vldrb.8 q2, [%[w]], #16\n"   \
  "vmladava.s8 %[a1], q0, q2\n" \
  "vldrb.8 q1, [%[w]], #16\n"   \
  "vmladava.s8 %[a2], q0, q1\n" \
  "vldrb.8 q2, [%[w]], #16\n"   \
  "vmladava.s8 %[a3], q0, q2\n" \
  "letp lr, 2b\n"

#define ZERO         \
  "movs %[a0], #0\n" \
  "movs %[a1], #0\n" \
  "mov %[a2], #0\n"  \
  "mov %[a3], #0\n"

#define QUAD(q)         \
  "vmov " q "[2], " q   \
  "[0], %[a0], %[a2]\n" \
  "vmov " q "[3], " q "[1], %[a1], %[a3]\n"

static void row_pixel(const fw_matrix_params* p, const int8_t* input, const int32_t* weights,
                      int8_t* output) {
  int32_t blocks = (p->channels + 7) >> 3;
  int32_t left = p->channels - 8 * (blocks - 1); /* channels from this block on, 8 or more are 8 */
  int8_t* out = output + 8 * (blocks - 1);
  const int8_t* x;
  int32_t a0, a1, a2, a3;
  __asm__ volatile(
      "1:\n"
      "vldrw.32 q4, [%[w]], #16\n" ZERO
      "vldrw.32 q5, [%[w]], #16\n" TILE
      "vldrw.32 q7, [%[w]], #16\n" QUAD("q3") FW_MVE_BIAS("q6", "q7")
      "vadd.i32 q3, q3, q6\n"
      "vldrw.32 q6, [%[w]], #16\n" FW_MVE_SCALE("q3", "q6")
      ZERO FW_MVE_AWAY("q3", "q0") FW_MVE_SHIFT("q3", "q7") TILE
      "vctp.16 %[left]\n"
      FW_MVE_HALF_B("q3", "q3") QUAD("q7") FW_MVE_BIAS("q6", "q4")
      "adds %[left], %[left], #8\n"
      "vadd.i32 q7, q7, q6\n" FW_MVE_SCALE("q7", "q5") FW_MVE_AWAY("q7", "q0")
      FW_MVE_SHIFT("q7", "q4") FW_MVE_HALF_T("q3", "q7")
      "subs %[blocks], %[blocks], #1\n"
      "vqadd.s16 q3, q3, %[zero]\n" FW_MVE_BYTE_B("q3", "q3")
      "vpst\n"
      "vstrbt.16 q3, [%[out]], #-8\n"
      "bne 1b\n"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [w] "+l"(weights),
        [x] "=&l"(x), [out] "+l"(out), [left] "+h"(left), [blocks] "+h"(blocks)
      : [input] "r"(input), [depth] "r"(p->depth), [zero] "r"(p->zero_point)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}

void fw_matrix_row_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                          int32_t count, const int32_t* weights, int8_t* output) {
  for (int32_t pixel = first; pixel < first + count; pixel++) {
    row_pixel(p, input + pixel * p->input_pitch, weights, output + pixel * p->output_pitch);
  }
}

#undef TILE
#undef ZERO
#undef QUAD
