/* Arithmetic: fourier.h. 4 complex points at a time, and 4 butterflies of the first stage, whose
 * samples are gathered. x * share / 2^15, rounded, is VQRDMULH; a product of points is VQRDMLSDH
 * and VQRDMLADHX, whose sums cannot saturate, as points were divided by the radix before. At last
 * products may wrap, and are rounded and narrowed from 32 bits. A stage of radix 4 has 29 vector
 * instructions for 16 points, the first one 27 and 32 halfwords that are gathered, the last part 22
 * for 8 points, with 4 words that are gathered and 8 halfwords scattered.
 */
#include "signal_rfft_s16_mve.h"

#include "mve_required.h"

#define FW_ONE 32767
#define FW_HALVES (FW_ONE / 2)
#define FW_QUARTERS (FW_ONE / 4)

/* The samples whose places are in q7, 0 behind the last one, to a register; then those of the next
 * point. */
#define FW_GATHER(to)            \
  "vpt.s16 lt, q7, %[samples]\n" \
  "vldrht.u16 " to               \
  ", [%[in], q7, uxtw #1]\n"     \
  "vadd.i16 q7, q7, %[apart]\n"

/* The first stage, of radix 4. */
static void first_four(const int16_t* input, const uint16_t* order, int16_t* f, int32_t samples,
                       int32_t points) {
  __asm__ volatile(
      "wls lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q7, [%[order]], #16\n"                               /**/
      FW_GATHER("q0") FW_GATHER("q1") FW_GATHER("q2") FW_GATHER("q3") /**/
      "vqrdmulh.s16 q1, q1, %[share]\n"
      "vqrdmulh.s16 q2, q2, %[share]\n"
      "vqrdmulh.s16 q3, q3, %[share]\n"
      "vqrdmulh.s16 q0, q0, %[share]\n"
      "vqrdmulh.s16 q2, q2, %[one]\n"
      "vqrdmulh.s16 q1, q1, %[one]\n"
      "vqrdmulh.s16 q3, q3, %[one]\n"
      "vadd.i16 q4, q0, q2\n"
      "vsub.i16 q5, q0, q2\n"
      "vadd.i16 q6, q1, q3\n"
      "vsub.i16 q7, q1, q3\n"
      "vadd.i16 q0, q4, q6\n"
      "vcadd.i16 q1, q5, q7, #270\n"
      "vsub.i16 q2, q4, q6\n"
      "vcadd.i16 q3, q5, q7, #90\n"
      "vst40.32 {q0, q1, q2, q3}, [%[f]]\n"
      "vst41.32 {q0, q1, q2, q3}, [%[f]]\n"
      "vst42.32 {q0, q1, q2, q3}, [%[f]]\n"
      "vst43.32 {q0, q1, q2, q3}, [%[f]]!\n"
      "le lr, 1b\n"
      "2:\n"
      : [order] "+r"(order), [f] "+r"(f)
      : [in] "r"(input), [samples] "r"(samples), [apart] "r"(points / 2), [share] "r"(FW_QUARTERS),
        [one] "r"(FW_ONE), [count] "r"(points / 16)
      : "lr", "cc", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

/* The first stage, of radix 2. */
static void first_two(const int16_t* input, const uint16_t* order, int16_t* f, int32_t samples,
                      int32_t points) {
  __asm__ volatile(
      "wls lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q7, [%[order]], #16\n" /**/
      FW_GATHER("q0") FW_GATHER("q1")   /**/
      "vqrdmulh.s16 q1, q1, %[share]\n"
      "vqrdmulh.s16 q2, q0, %[share]\n"
      "vqrdmulh.s16 q3, q1, %[one]\n"
      "vadd.i16 q0, q2, q3\n"
      "vsub.i16 q1, q2, q3\n"
      "vst20.32 {q0, q1}, [%[f]]\n"
      "vst21.32 {q0, q1}, [%[f]]!\n"
      "le lr, 1b\n"
      "2:\n"
      : [order] "+r"(order), [f] "+r"(f)
      : [in] "r"(input), [samples] "r"(samples), [apart] "r"(points), [share] "r"(FW_HALVES),
        [one] "r"(FW_ONE), [count] "r"(points / 8)
      : "lr", "cc", "q0", "q1", "q2", "q3", "q7", "memory");
}

/* A butterfly of radix 4: q0 to q3 become q1, q4, q2 and q6. */
#define FW_JOIN_FOUR                \
  "vldrh.u16 q4, [%[roots]]\n"      \
  "vqrdmulh.s16 q1, q1, %[share]\n" \
  "vqrdmulh.s16 q2, q2, %[share]\n" \
  "vqrdmlsdh.s16 q5, q1, q4\n"      \
  "vqrdmulh.s16 q3, q3, %[share]\n" \
  "vqrdmladhx.s16 q5, q1, q4\n"     \
  "vldrh.u16 q4, [%[roots], #16]\n" \
  "vqrdmulh.s16 q0, q0, %[share]\n" \
  "vqrdmlsdh.s16 q1, q2, q4\n"      \
  "vqrdmladhx.s16 q1, q2, q4\n"     \
  "vldrh.u16 q4, [%[roots], #32]\n" \
  "vqrdmlsdh.s16 q2, q3, q4\n"      \
  "vqrdmladhx.s16 q2, q3, q4\n"     \
  "vsub.i16 q3, q0, q1\n"           \
  "vadd.i16 q0, q0, q1\n"           \
  "vadd.i16 q4, q5, q2\n"           \
  "vsub.i16 q5, q5, q2\n"           \
  "vadd.i16 q1, q0, q4\n"           \
  "vsub.i16 q2, q0, q4\n"           \
  "vcadd.i16 q4, q3, q5, #270\n"    \
  "vcadd.i16 q6, q3, q5, #90\n"

/* `count` butterflies of 4 points of each of four spectra, which are `arm` bytes apart. After each
 * the spectra and the roots move on by so many bytes. */
static void join_four(int16_t* f, const int16_t* roots, int32_t arm, int32_t count, int32_t f_step,
                      int32_t roots_step) {
  char *f0 = (char*)f, *f1 = f0 + arm, *f2 = f1 + arm, *f3 = f2 + arm;
  register int32_t left __asm__("lr") =
      count; /* one register less for compilers that do not optimize */
  __asm__ volatile(
      "wls lr, lr, 2f\n"
      "1:\n"
      "vldrw.u32 q1, [%[f1]]\n"
      "vldrw.u32 q2, [%[f2]]\n"
      "vldrw.u32 q3, [%[f3]]\n"
      "vldrw.u32 q0, [%[f0]]\n" /**/
      FW_JOIN_FOUR              /**/
      "add %[roots], %[roots_step]\n"
      "vstrw.32 q1, [%[f0]]\n"
      "add %[f0], %[f_step]\n"
      "vstrw.32 q2, [%[f2]]\n"
      "add %[f2], %[f_step]\n"
      "vstrw.32 q4, [%[f1]]\n"
      "add %[f1], %[f_step]\n"
      "vstrw.32 q6, [%[f3]]\n"
      "add %[f3], %[f_step]\n"
      "le lr, 1b\n"
      "2:\n"
      : [f0] "+r"(f0), [f1] "+r"(f1), [f2] "+r"(f2), [f3] "+r"(f3), [roots] "+r"(roots), "+r"(left)
      : [share] "r"(FW_QUARTERS), [f_step] "r"(f_step), [roots_step] "r"(roots_step)
      : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "memory");
}

/* The stage of radix 4 that joins spectra of 2 points, of two butterflies at a time. */
static void join_pairs(int16_t* f, const int16_t* roots, int32_t count) {
  char *f0 = (char*)f, *f1 = f0 + 8, *f2 = f0 + 16, *f3 = f0 + 24;
  const int64_t places[2] = {0, 32};
  __asm__ volatile(
      "vldrw.u32 q7, [%[places]]\n"
      "wls lr, %[count], 2f\n"
      "1:\n"
      "vldrd.u64 q1, [%[f1], q7]\n"
      "vldrd.u64 q2, [%[f2], q7]\n"
      "vldrd.u64 q3, [%[f3], q7]\n"
      "vldrd.u64 q0, [%[f0], q7]\n" /**/
      FW_JOIN_FOUR                  /**/
      "vstrd.64 q1, [%[f0], q7]\n"
      "add %[f0], #64\n"
      "vstrd.64 q2, [%[f2], q7]\n"
      "add %[f2], #64\n"
      "vstrd.64 q4, [%[f1], q7]\n"
      "add %[f1], #64\n"
      "vstrd.64 q6, [%[f3], q7]\n"
      "add %[f3], #64\n"
      "le lr, 1b\n"
      "2:\n"
      : [f0] "+r"(f0), [f1] "+r"(f1), [f2] "+r"(f2), [f3] "+r"(f3)
      : [roots] "r"(roots), [share] "r"(FW_QUARTERS), [places] "r"(places), [count] "r"(count)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

/* All stages but the first, whose spectra have `size` points. */
static void later_stages(int16_t* f, const int16_t* roots, int32_t size, int32_t points) {
  if (size == 2) {
    join_pairs(f, roots, points / 16);
    roots += 24;
    size = 8;
  }
  for (; size < points; roots += 6 * size, size *= 4) {
    const int32_t vectors = size / 4, groups = points / (4 * size);
    if (groups > vectors) { /* fewer calls, with the same roots in each */
      for (int32_t v = 0; v < vectors; v++) {
        join_four(f + 8 * v, roots + 24 * v, 4 * size, groups, 16 * size, 0);
      }
    } else {
      for (int32_t g = 0; g < groups; g++) {
        join_four(f + 8 * size * g, roots, 4 * size, vectors, 16, 48);
      }
    }
  }
}

static int16_t half_of(int16_t x) { return (int16_t)((x * FW_HALVES + (1 << 14)) >> 15); }

/* The spectrum of the samples out of that of their pairs: of 4 points and the 4 that mirror them,
 * the last of which are halved with the first ones once more. Places are of those in words and
 * halfwords. */
static void split(const int16_t* f, const int16_t* halves, int32_t points, int16_t* output) {
  static const uint32_t words[4] = {12, 8, 4, 0};
  static const uint16_t numbers[8] = {6, 7, 4, 5, 2, 3, 0, 1};
  const int32_t real = half_of(f[0]), imaginary = half_of(f[1]);
  output[0] = (int16_t)(real + imaginary);
  output[1] = 0;
  output[2 * points] = (int16_t)(real - imaginary);
  output[2 * points + 1] = 0;
  const int16_t *front = f + 2, *back = f + 2 * points - 8;
  int16_t *up = output + 2, *down = output + 2 * points - 8;
  __asm__ volatile(
      "vmsr p0, %[imaginary]\n"
      "vldrw.u32 q6, [%[words]]\n"
      "vldrh.u16 q7, [%[numbers]]\n"
      "wls lr, %[count], 2f\n"
      "1:\n"
      "vldrw.u32 q1, [%[back], q6]\n"
      "vldrw.u32 q0, [%[front]], #16\n"
      "vldrh.u16 q3, [%[halves]], #16\n"
      "vpst\n"
      "vnegt.s16 q1, q1\n"
      "vqrdmulh.s16 q0, q0, %[share]\n"
      "sub %[back], #16\n"
      "vqrdmulh.s16 q1, q1, %[share]\n"
      "vadd.i16 q2, q0, q1\n"
      "vsub.i16 q0, q0, q1\n"
      "vmullb.s16 q1, q0, q3\n"
      "vmullt.s16 q4, q0, q3\n"
      "vsub.i32 q1, q1, q4\n"
      "vrev32.16 q3, q3\n"
      "vmullb.s16 q4, q0, q3\n"
      "vmullt.s16 q5, q0, q3\n"
      "vadd.i32 q4, q4, q5\n"
      "vrshrnb.i32 q0, q1, #15\n"
      "vrshrnt.i32 q0, q4, #15\n"
      "vhadd.s16 q1, q2, q0\n"
      "vhsub.s16 q3, q2, q0\n"
      "vstrh.16 q1, [%[up]], #16\n"
      "vpst\n"
      "vhsubt.s16 q3, q0, q2\n"
      "vstrh.16 q3, [%[down], q7, uxtw #1]\n"
      "sub %[down], #16\n"
      "le lr, 1b\n"
      "2:\n"
      : [front] "+r"(front), [back] "+r"(back), [halves] "+r"(halves), [up] "+r"(up),
        [down] "+r"(down)
      : [imaginary] "r"(0xCCCC), [words] "r"(words), [numbers] "r"(numbers), [share] "r"(FW_HALVES),
        [count] "r"(points / 8)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}

void fw_signal_rfft_s16_mve(const fw_signal_rfft_s16_mve_params* p, const int16_t* input,
                            const uint16_t* order, const int16_t* roots, const int16_t* halves,
                            int16_t* output, int16_t* work) {
  const int32_t points = p->points;
  const int32_t odd_bits = 0x2AAA & points; /* 2 to an odd power */
  for (int32_t r = 0; r < p->rows; r++) {
    if (odd_bits) {
      first_two(input, order, work, p->samples, points);
    } else {
      first_four(input, order, work, p->samples, points);
    }
    later_stages(work, roots, odd_bits ? 2 : 4, points);
    split(work, halves, points, output);
    input += p->samples;
    output += 2 * (points + 1);
  }
}
