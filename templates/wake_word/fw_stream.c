/* As MLCommons' reference firmware does it (streaming_wakeword/.../sww_ref_util.c and
 * sww_ref_util_submitter.c, th_process_chunk_and_cont_streaming): features of the last 64 ms become
 * the newest row of the model's input, which is zeros at the start; output 0 above a threshold is a
 * detection, and so is the first step, by which the other side knows when it began. A feature that
 * is too large for int8 is 127 here, where the reference lets it wrap. */
#include "fw_stream.h"

#include "fw_commands.h"
#include "fw_features.h"
#include "fw_format.h"
#include "fw_inference.h"
#include "fw_input.h"
#include "fw_line.h"
#include "fw_memory.h"
#include "fw_model.h"

#define THRESHOLD 115
#define ACTIVATIONS 40960u /* 22 minutes */
#define PRINTED_PER_LINE 16u

static int listens, first;
static int16_t sound[1 + FW_WINDOW]; /* the window, and the sample before it */
static int16_t step[FW_STEP];
static uint32_t heard; /* of the step */
static int8_t activation[ACTIVATIONS];
static uint32_t activations;

__attribute__((weak)) int fw_platform_listen(int on) {
  (void)on;
  return 0;
}

__attribute__((weak)) uint32_t fw_platform_samples(int16_t* samples, uint32_t most) {
  (void)samples;
  (void)most;
  return 0;
}

__attribute__((weak)) void fw_platform_detected(void) {}

__attribute__((weak)) void fw_platform_busy(int on) { (void)on; }

int fw_stream_listens(void) { return listens; }

void fw_stream_start(void) {
  if (listens) {
    fw_put_error("It listens already");
    return;
  }
  if (!fw_platform_listen(1)) {
    fw_put_error("This board hears nothing");
    return;
  }
  memset(sound, 0, sizeof sound);
  fw_input_clear();
  heard = activations = 0;
  listens = first = 1;
  fw_put_timestamp();
}

void fw_stream_stop(void) {
  if (!listens) {
    fw_put_error("It does not listen");
    return;
  }
  listens = 0;
  fw_platform_listen(0);
  fw_put_timestamp();
  fw_put_line("Streaming stopped.");
  fw_put_line("target activations: ");
  fw_put_text("[");
  for (uint32_t i = 0; i < activations; i++) {
    fw_put_signed(activation[i]);
    if (i + 1u < activations) fw_put_text(", ");
    if (i % PRINTED_PER_LINE == PRINTED_PER_LINE - 1u) fw_end_line();
  }
  fw_put_line("]");
}

/* Towards zero, as a conversion in C. */
static int8_t quantized(float feature, const fw_tensor* t) {
  const float value = feature / t->scale + (float)t->zero_point;
  return value > (float)INT8_MAX ? INT8_MAX : (int8_t)value;
}

static void infer(void) {
  float features[FW_FEATURES];
  int8_t* const input = fw_input_bytes();
  const uint32_t kept = FW_MODEL_INPUT_BYTES - FW_FEATURES;
  memmove(sound, sound + FW_STEP, (1u + FW_WINDOW - FW_STEP) * sizeof *sound);
  memcpy(sound + 1u + FW_WINDOW - FW_STEP, step, sizeof step);
  fw_features(sound[0], sound + 1, features);
  memmove(input, input + FW_FEATURES, kept);
  for (uint32_t i = 0; i < FW_FEATURES; i++) {
    input[kept + i] = quantized(features[i], &fw_model.input[0]);
  }
  fw_infer();
}

void fw_stream_step(void) {
  if (!listens) return;
  heard += fw_platform_samples(step + heard, FW_STEP - heard);
  if (heard < FW_STEP) return;
  heard = 0;
  fw_platform_busy(1);
  infer();
  const int8_t result = *(const int8_t*)fw_model.output[0].data;
  if (result > THRESHOLD || first) fw_platform_detected();
  first = 0;
  if (activations < ACTIVATIONS) activation[activations++] = result;
  fw_platform_busy(0);
}
