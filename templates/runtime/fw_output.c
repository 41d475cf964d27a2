#include "fw_output.h"

#include "fw_board.h"
#include "fw_crc.h"
#include "fw_format.h"
#include "fw_line.h"
#include "fw_model.h"
#include "fw_task.h"

#define PRINTED_PER_LINE 32u

/* Bytes that are printed, and what has been printed of them before. */
typedef struct {
  const char* line; /* how each line begins */
  uint32_t bytes, crc;
} dump;

static void dump_more(dump* d, const void* data, uint32_t bytes) {
  const uint8_t* p = data;
  d->crc = fw_crc32(d->crc, p, bytes);
  while (bytes) {
    const uint32_t count = bytes < PRINTED_PER_LINE ? bytes : PRINTED_PER_LINE;
    fw_put_number(d->line, d->bytes);
    fw_put_char('=');
    fw_put_bytes(p, count);
    fw_close_checked_line();
    d->bytes += count;
    p += count;
    bytes -= count;
  }
}

static void dump_end(const dump* d) {
  fw_put_text(d->line);
  fw_put_number("bytes=", d->bytes);
  fw_put_text(",crc=");
  fw_put_hex(d->crc, 8);
  fw_close_checked_line();
}

void fw_output_print(void) {
  dump d = {.line = "m-fw-out-["};
  for (uint32_t i = 0; i < fw_model.outputs; i++) {
    dump_more(&d, fw_model.output[i].data, fw_model.output[i].bytes);
  }
  dump_end(&d);
}

#ifdef FW_ROM_ORIGIN
void fw_output_put_rom(uint32_t bytes) {
  const dump d = {"m-fw-rom-[", bytes, fw_crc32(0, (const void*)FW_ROM_ORIGIN, bytes)};
  dump_end(&d);
}
#endif

#ifdef FW_MEMORY_REACHED
void fw_output_put_place(uint32_t number, const void* data, uint32_t bytes) {
  fw_put_number("m-fw-places-[", number);
  fw_put_number("=", (uintptr_t)data);
  fw_put_number(":", bytes);
  fw_put_char(':');
  fw_put_hex(fw_crc32(0, data, bytes), 8);
  fw_close_checked_line();
}

void fw_output_put_places(void) {
  const fw_tensor* t = fw_model.output;
  for (uint32_t i = 1; i <= fw_model.outputs; i++, t++) fw_output_put_place(i, t->data, t->bytes);
}
#endif

/* The outputs that an op left, how many is in *count. */
static const fw_op* outputs_of(uint32_t op, uint32_t* count) {
  const fw_op* outputs = &fw_model.op[op];
  *count = 1;
#ifdef FW_MODEL_SEVERAL_OUTPUTS
  if (outputs->bytes & FW_SEVERAL) {
    *count = outputs->bytes & ~FW_SEVERAL;
    outputs = outputs->data;
  }
#endif
  return outputs;
}

uint32_t fw_output_crc(uint32_t op) {
  uint32_t crc = 0, count;
  const fw_op* outputs = outputs_of(op, &count);
  for (uint32_t i = 0; i < count; i++) crc = fw_crc32(crc, outputs[i].data, outputs[i].bytes);
  return crc;
}

void fw_output_print_op(uint32_t op) {
  dump d = {.line = "m-fw-dump-["};
  uint32_t count;
  const fw_op* outputs = outputs_of(op, &count);
  for (uint32_t i = 0; i < count; i++) dump_more(&d, outputs[i].data, outputs[i].bytes);
  dump_end(&d);
}

#ifdef FW_MODEL_STATE_BYTES
void fw_output_print_state(int all_bytes) {
  dump d = {.line = "m-fw-state-["};
  if (all_bytes) {
    dump_more(&d, fw_model_state, FW_MODEL_STATE_BYTES);
  } else {
    d.bytes = FW_MODEL_STATE_BYTES;
    d.crc = fw_crc32(0, fw_model_state, FW_MODEL_STATE_BYTES);
  }
  dump_end(&d);
}
#endif

#ifdef FW_TASK_SCORE
void fw_output_print_results(void) {
  fw_put_text("m-results-[");
  fw_put_float(fw_task_score());
  fw_put_line("]");
}
#else
static uint32_t element_bytes(fw_type type) {
  switch (type) {
    case FW_INT16:
      return 2;
    case FW_FLOAT32:
    case FW_INT32:
    case FW_UINT32:
      return 4;
    case FW_INT64:
    case FW_UINT64:
      return 8;
    default:
      return 1;
  }
}

/* Integers that carry no scale, and more digits than a float holds. */
static void put_uint64(uint64_t value) {
  fw_put_decimal(value);
  fw_put_text(".000");
}

static void put_int64(int64_t value) {
  if (value < 0) fw_put_char('-');
  put_uint64(value < 0 ? 0u - (uint64_t)value : (uint64_t)value);
}

static void put_quantized(int32_t value, const fw_tensor* t) {
  fw_put_float(t->scale * (float)(int32_t)((uint32_t)value - (uint32_t)t->zero_point));
}

static void put_element(const fw_tensor* t, const void* p) {
  switch (t->type) {
    case FW_FLOAT32:
      fw_put_float(*(const float*)p);
      break;
    case FW_INT8:
      put_quantized(*(const int8_t*)p, t);
      break;
    case FW_INT16:
      put_quantized(*(const int16_t*)p, t);
      break;
    case FW_INT32:
      put_quantized(*(const int32_t*)p, t);
      break;
    case FW_INT64:
      put_int64(*(const int64_t*)p);
      break;
    case FW_UINT32:
      put_uint64(*(const uint32_t*)p);
      break;
    case FW_UINT64:
      put_uint64(*(const uint64_t*)p);
      break;
    default:
      put_quantized(*(const uint8_t*)p, t);
  }
}

void fw_output_print_results(void) {
  const fw_tensor* t = &fw_model.output[0];
  fw_put_text("m-results-[");
  for (uint32_t at = 0; at < t->bytes; at += element_bytes(t->type)) {
    if (at) fw_put_char(',');
    put_element(t, (const uint8_t*)t->data + at);
  }
  fw_put_line("]");
}
#endif
