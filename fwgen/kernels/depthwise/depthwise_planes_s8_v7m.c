/* Depthwise convolution by planes of bytes: v7m_depthwise.h. */
#if defined(__GNUC__) && !defined(__clang__)
/* Filling planes is a tenth of the time. */
#pragma GCC optimize("O2")
#endif

#include "depthwise_planes_s8_v7m.h"

#include "depthwise_strips.h"

static inline void put_four(uint8_t* to, uint32_t word) {
  to[0] = (uint8_t)word;
  to[FW_PLANE_LINES] = (uint8_t)(word >> 8);
  to[2 * FW_PLANE_LINES] = (uint8_t)(word >> 16);
  to[3 * FW_PLANE_LINES] = (uint8_t)(word >> 24);
}

static inline uint32_t four_of(const int8_t* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

/* Four channels of `count` inputs of a line, which are `bytes` apart. */
static void put_line(uint8_t* to, const int8_t* from, int32_t bytes, int32_t count) {
  for (; count >= 2; count -= 2, from += 2 * bytes, to += 2 * FW_PLANE_INPUT) {
    const uint32_t first = four_of(from), second = four_of(from + bytes);
    put_four(to, first);
    put_four(to + FW_PLANE_INPUT, second);
  }
  if (count > 0) put_four(to, four_of(from));
}

/* Padding of `lines` lines, for so many inputs of each. */
static void pad_lines(uint8_t* to, int32_t lines, int32_t count, uint8_t value) {
  for (int32_t i = 0; i < 4 * count && lines > 0; i++, to += FW_PLANE_LINES) {
    for (int32_t r = 0; r < lines; r++) to[r] = value;
  }
}

static void fill_bytes(uint8_t* planes, const int8_t* image, const fw_plane_inputs* along,
                       const fw_plane_inputs* across, int32_t pad_value, int32_t padded) {
  const int32_t left = fw_inputs_before(along), length = fw_inputs_inside(along);
  const int32_t top = fw_inputs_before(across), lines = fw_inputs_inside(across);
  const int8_t* const from =
      image + (across->first + top) * across->bytes + (along->first + left) * along->bytes;
  uint8_t* const to = planes + top + left * FW_PLANE_INPUT;
  const uint8_t pad = (uint8_t)pad_value;

  for (int32_t r = 0; r < lines; r++)
    put_line(to + r, from + r * across->bytes, along->bytes, length);
  if (padded) return;
  pad_lines(planes, top, along->count, pad);
  pad_lines(planes + top + lines, across->count - top - lines, along->count, pad);
  pad_lines(planes + top, lines, left, pad);
  pad_lines(to + length * FW_PLANE_INPUT, lines, along->count - left - length, pad);
}

void fw_depthwise_planes_s8_v7m(const fw_depthwise_planes_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output) {
  const fw_plane_sizes bytes = {.value = 1, .plane = FW_PLANE_LINES};
  fw_each_plane(p, input, records, kernel, fill_bytes, bytes, scratch, output);
}
