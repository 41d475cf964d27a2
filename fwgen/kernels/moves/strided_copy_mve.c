/* As the reference kernel. Rows without gaps are copied, those of up to 16 bytes in 9 cycles each,
 * longer ones in 4 cycles per 16 bytes. Where bytes or elements lie apart, 8 of them (4 of 32 bits)
 * are gathered, scattered or both at a time, each of which takes a cycle per element.
 */
#include "strided_copy_mve.h"

#include "mve_copy.h"

/* A level of the nest. */
typedef struct {
  int32_t count, in, out;
} level;

/* How vectors of elements that lie apart are moved: their offsets from the first of them in memory,
 * and by how much that is before the vector's first; what the next vector is away. */
typedef struct {
  uint32_t in_offsets[4], out_offsets[4];
  int32_t in_first, out_first, in_step, out_step;
} spread;

static inline level level_of(const fw_strided_copy_params* p, int32_t at) {
  return (level){p->size[at], p->input_stride[at], p->output_stride[at]};
}

/* Rows of 16 bytes at most. */
static inline void copy_short_rows(const int8_t* in, int8_t* out, int32_t bytes, level rows) {
  __asm__ volatile(
      "vctp.8 %[bytes]\n"
      "wls lr, %[n], 2f\n"
      "1:\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[in]]\n"
      "add %[in], %[in], %[in_step]\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      "add %[out], %[out], %[out_step]\n"
      "le lr, 1b\n"
      "2:\n"
      : [in] "+r"(in), [out] "+r"(out)
      : [bytes] "r"(bytes), [n] "r"(rows.count), [in_step] "r"(rows.in), [out_step] "r"(rows.out)
      : "lr", "q0", "memory");
}

static void copy_rows(const int8_t* in, int8_t* out, int32_t bytes, level rows) {
  if (bytes <= 16) {
    copy_short_rows(in, out, bytes, rows);
    return;
  }
  for (int32_t i = 0; i < rows.count; i++, in += rows.in, out += rows.out) {
    fw_mve_copy(in, bytes, out);
  }
}

#define MOVE(lanes, load, store)                                            \
  __asm__ volatile(                                                         \
      "vldrw.u32 q0, [%[at]]\n"                                             \
      "vldrw.u32 q1, [%[at], #16]\n"                                        \
      "wlstp." lanes                                                        \
      " lr, %[n], 2f\n"                                                     \
      "1:\n" load "add %[in], %[in], %[in_step]\n" store                    \
      "add %[out], %[out], %[out_step]\n"                                   \
      "letp lr, 1b\n"                                                       \
      "2:\n"                                                                \
      : [in] "+l"(in), [out] "+l"(out)                                      \
      : [at] "r"(s->in_offsets), [n] "r"(count), [in_step] "r"(s->in_step), \
        [out_step] "r"(s->out_step)                                         \
      : "lr", "q0", "q1", "q2", "memory")

/* By what lies apart: the input, the output, or both. */
#define MOVE_ANY(lanes, load, store)                                       \
  do {                                                                     \
    if (!scatters) {                                                       \
      MOVE(lanes, load " q2, [%[in], q0]\n", store " q2, [%[out]]\n");     \
    } else if (!gathers) {                                                 \
      MOVE(lanes, load " q2, [%[in]]\n", store " q2, [%[out], q1]\n");     \
    } else {                                                               \
      MOVE(lanes, load " q2, [%[in], q0]\n", store " q2, [%[out], q1]\n"); \
    }                                                                      \
  } while (0)

static void move_elements(const spread* s, const int8_t* in, int8_t* out, int32_t count,
                          int32_t unit) {
  const int32_t lanes = unit == 4 ? 4 : 8;
  const int32_t gathers = s->in_step != lanes * unit, scatters = s->out_step != lanes * unit;
  in += s->in_first;
  out += s->out_first;
  if (unit == 1) {
    MOVE_ANY("16", "vldrb.u16", "vstrb.16");
  } else if (unit == 2) {
    MOVE_ANY("16", "vldrh.u16", "vstrh.16");
  } else {
    MOVE_ANY("32", "vldrw.u32", "vstrw.32");
  }
}

/* Offsets of a vector's elements; those of 16 bits are not negative. Gives the first in memory,
 * counted from the vector's first: of a stride below zero that is its last. */
static int32_t place_elements(int32_t stride, int32_t lanes, uint32_t offsets[4]) {
  const int32_t first = stride < 0 ? (lanes - 1) * stride : 0;
  for (int32_t i = 0; i < 4; i++) {
    const uint32_t at = (uint32_t)(lanes / 4 * i * stride - first);
    offsets[i] = lanes == 4 ? at : at | (at + (uint32_t)stride) << 16;
  }
  return first;
}

static spread spread_of(level elements, int32_t unit) {
  const int32_t lanes = unit == 4 ? 4 : 8;
  spread s = {.in_step = lanes * elements.in, .out_step = lanes * elements.out};
  s.in_first = place_elements(elements.in, lanes, s.in_offsets);
  s.out_first = place_elements(elements.out, lanes, s.out_offsets);
  return s;
}

static void copy_apart(const int8_t* in, int8_t* out, int32_t unit, level elements) {
  for (int32_t i = 0; i < elements.count; i++, in += elements.in, out += elements.out) {
    for (int32_t k = 0; k < unit; k++) out[k] = in[k];
  }
}

/* The bytes of an element, if rows are nothing else, and all is aligned to it. */
static int32_t unit_of(const fw_strided_copy_params* p, const int8_t* input, const int8_t* output) {
  const level bytes = level_of(p, FW_LEVELS - 1);
  if ((bytes.count != 2 && bytes.count != 4) || bytes.in != 1 || bytes.out != 1) return 1;
  uint32_t bits = (uint32_t)(input + p->input_offset) | (uint32_t)(output + p->output_offset);
  for (int32_t i = 0; i < FW_LEVELS - 1; i++) {
    bits |= (uint32_t)(p->input_stride[i] | p->output_stride[i]);
  }
  return (bits & (uint32_t)(bytes.count - 1)) == 0 ? bytes.count : 1;
}

static inline int32_t is_near(level elements) {
  const int32_t most = 0xffff / 7; /* of a stride, so that offsets have 16 bits */
  return elements.in <= most && -elements.in <= most && elements.out <= most &&
         -elements.out <= most;
}

/* Of `outer` rows of `inner` elements. */
static void copy_spread(const spread* s, const int8_t* in, int8_t* out, int32_t unit, level inner,
                        level outer) {
  const int32_t near = unit == 4 || is_near(inner);
  for (int32_t i = 0; i < outer.count; i++, in += outer.in, out += outer.out) {
    if (near) {
      move_elements(s, in, out, inner.count, unit);
    } else {
      copy_apart(in, out, unit, inner);
    }
  }
}

void fw_strided_copy_mve(const fw_strided_copy_params* p, const void* input, void* output) {
  const int32_t unit = unit_of(p, input, output), lanes = unit == 4 ? 4 : 8;
  const int32_t last = unit == 1 ? FW_LEVELS - 1 : FW_LEVELS - 2;
  level inner = level_of(p, last), outer = level_of(p, last - 1);
  const int32_t dense = inner.in == 1 && inner.out == 1;
  if (!dense && inner.count < lanes && outer.count > inner.count) {
    const level other = inner;
    inner = outer;
    outer = other;
  }
  spread s;
  if (!dense) s = spread_of(inner, unit);

  const level plane = level_of(p, last - 2);
  int32_t size[FW_LEVELS];
  for (int32_t i = 0; i < FW_LEVELS; i++) size[i] = i < last - 2 ? p->size[i] : 1;
  fw_rows rows = {.a = p->input_offset, .b = p->output_offset};
  do {
    const int8_t* in = (const int8_t*)input + rows.a;
    int8_t* out = (int8_t*)output + rows.b;
    for (int32_t i = 0; i < plane.count; i++, in += plane.in, out += plane.out) {
      if (dense) {
        copy_rows(in, out, inner.count, outer);
      } else {
        copy_spread(&s, in, out, unit, inner, outer);
      }
    }
  } while (fw_next_row(&rows, size, p->input_stride, p->output_stride));
}
