/* As MLCommons' reference firmware for ad01 computes it (anomaly_detection/
 * submitter_implemented.cpp, util/quantization_helpers.h), in 32-bit floats: quantize(x) =
 * round(x / scale) + zero_point, halves away from zero, limited to int8; score = the sum of
 * (output - x)^2 from the first element to the last, over their number. */
#include "fw_task.h"

#include "fw_input.h"
#include "fw_model.h"

#ifdef FW_TASK_FLOATS
float fw_task_window[FW_TASK_FLOATS];

/* What is no number is the least. */
static int8_t quantized(float value, const fw_tensor* t) {
  const float x = value / t->scale;
  if (!(x > (float)(INT8_MIN - t->zero_point))) return INT8_MIN;
  if (x > (float)(INT8_MAX - t->zero_point)) return INT8_MAX;
  int32_t whole = (int32_t)x;
  const float rest = x - (float)whole; /* exact, of x's sign */
  if (rest >= 0.5f) whole++;
  if (rest <= -0.5f) whole--;
  return (int8_t)(whole + t->zero_point);
}

void fw_task_quantize(int8_t* input) {
  for (uint32_t i = 0; i < FW_TASK_FLOATS; i++) {
    input[i] = quantized(fw_task_window[i], &fw_model.input[0]);
  }
}
#endif

#ifdef FW_TASK_SCORE
static float real(const fw_tensor* t, const void* data, uint32_t i) {
  if (t->type == FW_FLOAT32) return ((const float*)data)[i];
  return t->scale * (float)(((const int8_t*)data)[i] - t->zero_point);
}

/* Whether the inputs were made of the window: others may have come since by another way. */
static int is_of_window(void) {
#ifdef FW_TASK_FLOATS
  const int8_t* input = fw_input_bytes();
  for (uint32_t i = 0; i < FW_TASK_FLOATS; i++) {
    if (input[i] != quantized(fw_task_window[i], &fw_model.input[0])) return 0;
  }
  return 1;
#else
  return 0;
#endif
}

static float given(uint32_t i, int of_window) {
#ifdef FW_TASK_FLOATS
  if (of_window) return fw_task_window[i];
#endif
  (void)of_window;
  return real(&fw_model.input[0], fw_input_bytes(), i);
}

float fw_task_score(void) {
  const fw_tensor* y = &fw_model.output[0];
  const uint32_t count = y->type == FW_FLOAT32 ? y->bytes / 4u : y->bytes;
  const int of_window = is_of_window();
  float sum = 0.0f;
  for (uint32_t i = 0; i < count; i++) {
    const float difference = real(y, y->data, i) - given(i, of_window);
    sum += difference * difference;
  }
  return sum / (float)count;
}
#endif
