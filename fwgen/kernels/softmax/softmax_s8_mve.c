/* As the reference kernel, four elements at a time. An exponential is a gather load of the table at
 * the difference from the row's maximum, at most that of the 0 in the end. Shares are not negative,
 * so that the rounding of VQRDMULH and VRSHL is the reference's. Loops are tail-predicated.
 *
 * Per 16 elements: 2 cycles for the maximum, 28 for the sum, 44 for the shares.
 */
#include "softmax_s8_mve.h"

#include "softmax.h"

static inline int32_t maximum(const int8_t* input, int32_t depth) {
  int32_t max = INT8_MIN;
  __asm__ volatile(
      "dlstp.8 lr, %[depth]\n"
      "1:\n"
      "vldrb.8 q0, [%[in]], #16\n"
      "vmaxv.s8 %[max], q0\n"
      "letp lr, 1b\n"
      : [in] "+r"(input), [max] "+r"(max)
      : [depth] "r"(depth)
      : "lr", "q0", "memory");
  return max;
}

/* Of q0 inputs: q1 exponentials. */
#define EXPONENTIALS            \
  "vldrb.s32 q0, [%[in]], #4\n" \
  "vsub.i32 q0, q3, q0\n"       \
  "vmin.u32 q0, q0, q2\n"       \
  "vldrw.u32 q1, [%[table], q0, uxtw #2]\n"

static inline uint32_t sum_of_exponentials(const int8_t* input, const int32_t* table, int32_t max,
                                           int32_t last, int32_t depth) {
  uint32_t sum = 0;
  __asm__ volatile(
      "vdup.32 q3, %[max]\n"
      "vdup.32 q2, %[last]\n"
      "dlstp.32 lr, %[depth]\n"
      "1:\n" EXPONENTIALS
      "vrshr.u32 q1, q1, #12\n"
      "vaddva.u32 %[sum], q1\n"
      "letp lr, 1b\n"
      : [in] "+l"(input), [sum] "+Te"(sum)
      : [table] "r"(table), [max] "r"(max), [last] "r"(last), [depth] "r"(depth)
      : "lr", "q0", "q1", "q2", "q3", "memory");
  return sum;
}

static inline void shares(const int8_t* input, const int32_t* table, int32_t max, int32_t last,
                          int32_t depth, fw_softmax_divisor by, int8_t* output) {
  __asm__ volatile(
      "vdup.32 q3, %[max]\n"
      "vdup.32 q2, %[last]\n"
      "vmov.i32 q4, #128\n"
      "dlstp.32 lr, %[depth]\n"
      "1:\n" EXPONENTIALS
      "vqrdmulh.s32 q1, q1, %[factor]\n"
      "vrshl.s32 q1, %[shift]\n"
      "vsub.i32 q1, q1, q4\n"
      "vqmovnb.s32 q1, q1\n"
      "vqmovnb.s16 q1, q1\n"
      "vstrb.32 q1, [%[out]], #4\n"
      "letp lr, 1b\n"
      : [in] "+l"(input), [out] "+l"(output)
      : [table] "r"(table), [max] "r"(max), [last] "r"(last), [depth] "r"(depth),
        [factor] "r"(by.factor), [shift] "r"(-by.shift)
      : "lr", "q0", "q1", "q2", "q3", "q4", "memory");
}

void fw_softmax_s8_mve(const fw_softmax_s8_mve_params* p, const int32_t* exponentials,
                       const int8_t* input, int8_t* output) {
  for (int32_t r = 0; r < p->rows; r++, input += p->depth, output += p->depth) {
    const int32_t max = maximum(input, p->depth);
    const uint32_t sum = sum_of_exponentials(input, exponentials, max, p->last, p->depth);
    shares(input, exponentials, max, p->last, p->depth, fw_softmax_divisor_of(sum), output);
  }
}
