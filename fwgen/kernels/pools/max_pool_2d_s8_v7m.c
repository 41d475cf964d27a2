/* As the reference kernel, 4 channels at a time. */
#include "max_pool_2d_s8_v7m.h"

#include "word_windows.h"

static void greatest_of_4(const fw_pixels* p, const int8_t* row, int8_t* out) {
  int32_t a = INT8_MIN, b = INT8_MIN, c = INT8_MIN, d = INT8_MIN;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      if (in[0] > a) a = in[0];
      if (in[1] > b) b = in[1];
      if (in[2] > c) c = in[2];
      if (in[3] > d) d = in[3];
    }
  }
  out[0] = (int8_t)a;
  out[1] = (int8_t)b;
  out[2] = (int8_t)c;
  out[3] = (int8_t)d;
}

static void greatest_of_1(const fw_pixels* p, const int8_t* row, int8_t* out) {
  int32_t most = INT8_MIN;
  for (int32_t r = 0; r < p->rows; r++, row += p->pitch) {
    const int8_t* in = row;
    for (int32_t left = p->columns; left > 0; left--, in += p->step) {
      if (*in > most) most = *in;
    }
  }
  *out = (int8_t)most;
}

static void greatest_channels(const fw_pixels* window, const int8_t* first, int32_t channels,
                              int8_t* out) {
  int32_t c = 0;
  for (; c + 4 <= channels; c += 4) greatest_of_4(window, first + c, out + c);
  for (; c < channels; c++) greatest_of_1(window, first + c, out + c);
}

void fw_max_pool_2d_s8_v7m(const fw_pool_2d_words_params* p, const int8_t* input, int8_t* output) {
  fw_each_window(p, input, output, greatest_channels);
}
