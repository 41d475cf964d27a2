/* out[y,x] = clamp(zp_out + requantize(sum (l - zp_l) * (r - zp_r))), with the sum taken apart:
 *   sum l * r - zp_l * sum r - zp_r * sum l + depth * zp_l * zp_r
 * The second and the last part are a word per column in scratch, the third is one number of a row.
 * Operands that are stored depth by depth are turned in scratch, a cycle and a half per byte.
 *
 * Per 16 inputs and 4 columns: 5 loads and 4 multiply-accumulates in a tail-predicated loop of 9
 * cycles; 4 outputs add some 45 cycles. Rescaling as in matrix_any_s8_mve.c, by one scale.
 */
#include "batch_matmul_s8_mve.h"

#include <stddef.h>

#include "mve_requantize.h"

static inline int32_t sum_of_vector(const int8_t* values, int32_t count) {
  int32_t sum = 0;
  __asm__ volatile(
      "dlstp.8 lr, %[n]\n"
      "1:\n"
      "vldrb.8 q0, [%[in]], #16\n"
      "vaddva.s8 %[sum], q0\n"
      "letp lr, 1b\n"
      : [in] "+l"(values), [sum] "+Te"(sum)
      : [n] "r"(count)
      : "lr", "q0", "memory");
  return sum;
}

/* out[i] = in[i * step]: 8 at a time by offsets of 16 bits. */
static void collect(const int8_t* in, int32_t step, int32_t count, int8_t* out) {
  uint32_t offsets[4];
  for (int32_t i = 0; i < 4; i++) {
    offsets[i] = (uint32_t)(2 * i * step) | (uint32_t)((2 * i + 1) * step) << 16;
  }
  __asm__ volatile(
      "vldrw.u32 q0, [%[offsets]]\n"
      "dlstp.16 lr, %[n]\n"
      "1:\n"
      "vldrb.u16 q1, [%[in], q0]\n"
      "add %[in], %[in], %[step]\n"
      "vstrb.16 q1, [%[out]], #8\n"
      "letp lr, 1b\n"
      : [in] "+r"(in), [out] "+l"(out)
      : [offsets] "r"(offsets), [n] "r"(count), [step] "r"(8 * step)
      : "lr", "q0", "q1", "memory");
}

/* Products of a row with 4 columns at a time, of which `left` at most are stored. */
typedef struct {
  const int8_t* row;
  int32_t depth;
  int32_t offset; /* of the row */
  int32_t up, multiplier, away, down, zero_point;
  const int32_t* offsets; /* of the columns */
  int32_t left;
  int8_t* out;
} quad;

#define FIELD(name) [name] "i"(offsetof(quad, name))

static inline void multiply(const quad* q, const int8_t* w0, const int8_t* w1, const int8_t* w2,
                            const int8_t* w3) {
  int32_t a0, a1, a2, a3, n;
  __asm__ volatile(
      "ldr lr, [%[q], %[depth]]\n"
      "ldr %[n], [%[q], %[row]]\n"
      "movs %[a0], #0\n"
      "mov %[a1], #0\n"
      "mov %[a2], #0\n"
      "mov %[a3], #0\n"
      "dlstp.8 lr, lr\n"
      "1:\n"
      "vldrb.8 q0, [%[n]], #16\n"
      "vldrb.8 q1, [%[w0]], #16\n"
      "vmladava.s8 %[a0], q0, q1\n"
      "vldrb.8 q2, [%[w1]], #16\n"
      "vmladava.s8 %[a1], q0, q2\n"
      "vldrb.8 q1, [%[w2]], #16\n"
      "vmladava.s8 %[a2], q0, q1\n"
      "vldrb.8 q2, [%[w3]], #16\n"
      "vmladava.s8 %[a3], q0, q2\n"
      "letp lr, 1b\n"
      "ldr %[n], [%[q], %[offsets]]\n"
      "vmov q0[2], q0[0], %[a0], %[a2]\n"
      "vldrw.32 q1, [%[n]]\n"
      "vmov q0[3], q0[1], %[a1], %[a3]\n"
      "ldr %[n], [%[q], %[offset]]\n"
      "ldr %[w0], [%[q], %[up]]\n"
      "vadd.i32 q1, q1, %[n]\n"
      "ldr %[w1], [%[q], %[multiplier]]\n"
      "vadd.i32 q0, q0, q1\n"
      "ldr %[n], [%[q], %[away]]\n"
      "vshl.s32 q0, %[w0]\n"
      "ldr %[w0], [%[q], %[down]]\n"
      "vqrdmulh.s32 q0, q0, %[w1]\n"
      "ldr %[w1], [%[q], %[zero_point]]\n"
      "vqdmlah.s32 q0, q0, %[n]\n"
      "ldr %[w2], [%[q], %[left]]\n"
      "vrshl.s32 q0, %[w0]\n"
      "vctp.32 %[w2]\n"
      "vqadd.s32 q0, q0, %[w1]\n"
      "ldr %[n], [%[q], %[out]]\n" FW_MVE_HALF_B("q0", "q0") FW_MVE_BYTE_B("q0", "q0")
      "vpst\n"
      "vstrbt.32 q0, [%[n]]\n"
      : [w0] "+l"(w0), [w1] "+l"(w1), [w2] "+r"(w2), [w3] "+r"(w3), [n] "=&l"(n), [a0] "=&Te"(a0),
        [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3)
      : [q] "r"(q), FIELD(row), FIELD(depth), FIELD(offset), FIELD(up), FIELD(multiplier),
        FIELD(away), FIELD(down), FIELD(zero_point), FIELD(offsets), FIELD(left), FIELD(out)
      : "lr", "q0", "q1", "q2", "cc", "memory");
}

static void multiply_row(quad q, const int8_t* right) {
  const int8_t* const last = right + (q.left - 1) * q.depth;
  for (; q.left > 0; q.left -= 4, q.offsets += 4, q.out += 4, right += 4 * q.depth) {
    const int8_t *w1 = right + q.depth, *w2 = w1 + q.depth, *w3 = w2 + q.depth;
    if (w3 > last) {
      w1 = w1 > last ? last : w1;
      w2 = w2 > last ? last : w2;
      w3 = last;
    }
    multiply(&q, right, w1, w2, w3);
  }
}

/* Of one batch: right is (columns, depth). */
static void multiply_matrices(const fw_batch_matmul_s8_mve_params* p, const int8_t* left,
                              const int8_t* right, const int32_t* offsets, int8_t* turned,
                              int8_t* output) {
  quad q = {.depth = p->depth,
            .up = p->left_shift,
            .multiplier = p->output_multiplier,
            .away = p->right_shift < 0,
            .down = p->right_shift,
            .zero_point = p->output_zero_point,
            .offsets = offsets,
            .left = p->columns,
            .out = output};
  for (int32_t y = 0; y < p->rows; y++, q.out += p->columns) {
    q.row = left + y * p->depth;
    if (p->left_turned) {
      collect(left + y, p->rows, p->depth, turned);
      q.row = turned;
    }
    q.offset = p->right_zero_point ? -p->right_zero_point * sum_of_vector(q.row, p->depth) : 0;
    multiply_row(q, right);
  }
}

#undef FIELD

static void multiply_batch(const fw_batch_matmul_s8_mve_params* p, const int8_t* left,
                           const int8_t* right, uint8_t* scratch, int8_t* output) {
  int32_t* const offsets = (int32_t*)(void*)scratch;
  int8_t* const row = (int8_t*)(offsets + ((p->columns + 3) & ~3));
  int8_t* const matrix = row + (p->left_turned ? (p->depth + 15) & ~15 : 0);
  if (p->right_turned) {
    for (int32_t x = 0; x < p->columns; x++) {
      collect(right + x, p->columns, p->depth, matrix + x * p->depth);
    }
    right = matrix;
  }
  const int32_t zero = p->left_zero_point;
  for (int32_t x = 0; x < p->columns; x++) {
    const int32_t sum = zero ? sum_of_vector(right + x * p->depth, p->depth) : 0;
    offsets[x] = zero * (p->depth * p->right_zero_point - sum);
  }
  multiply_matrices(p, left, right, offsets, row, output);
}

void fw_batch_matmul_s8_mve(const fw_batch_matmul_s8_mve_params* p, const int8_t* left,
                            const int8_t* right, uint8_t* scratch, int8_t* output) {
  const int32_t *l = p->left_batch_stride, *r = p->right_batch_stride;
  for (int32_t i = 0; i < p->batch_size[0]; i++) {
    for (int32_t j = 0; j < p->batch_size[1]; j++) {
      for (int32_t k = 0; k < p->batch_size[2]; k++, output += p->rows * p->columns) {
        multiply_batch(p, left + i * l[0] + j * l[1] + k * l[2],
                       right + i * r[0] + j * r[1] + k * r[2], scratch, output);
      }
    }
  }
}
