#include "fw_input.h"

#include "fw_board.h"
#include "fw_crc.h"
#include "fw_format.h"
#include "fw_line.h"
#include "fw_memory.h"
#include "fw_model.h"
#include "fw_output.h"
#include "fw_platform.h"
#include "fw_task.h"

#define BYTE_TIMEOUT_US UINT32_C(2000000)
#define PRINTED_PER_LINE 8u

#ifndef FW_MODEL_MOST_INPUT_BYTES /* of several models */
#define FW_MODEL_MOST_INPUT_BYTES FW_MODEL_INPUT_BYTES
#endif

static uint8_t buffer[FW_MODEL_MOST_INPUT_BYTES] __attribute__((aligned(16)));
static uint32_t filled; /* bytes of a db load that is under way */
static int expecting;

/* What db commands fill: the inputs, unless a task's data set has something else for them. */
#ifdef FW_TASK_FLOATS
#define LOADED ((uint8_t*)fw_task_window)
#define LOADED_BYTES ((uint32_t)sizeof fw_task_window)
#else
#define LOADED buffer
#define LOADED_BYTES FW_MODEL_INPUT_BYTES
#endif

/* Whether it is the number of bytes expected; says so if not. */
static int right_size(uint32_t bytes, uint32_t expected) {
  if (bytes == expected) return 1;
  fw_put_number("e-[Load: the model takes ", expected);
  fw_put_number(" bytes, not ", bytes);
  fw_put_line("]");
  return 0;
}

void fw_input_clear(void) {
  memset(buffer, 0, sizeof buffer);
  expecting = 0;
}

void fw_input_expect(uint32_t bytes) {
  expecting = 0;
  if (!right_size(bytes, LOADED_BYTES)) return;
  memset(LOADED, 0, LOADED_BYTES);
  filled = 0;
  expecting = 1;
  fw_put_number("m-[Expecting ", bytes);
  fw_put_line(" bytes]");
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void fw_input_append(const char* digits) {
  uint32_t count = 0;
  while (hex_digit(digits[count]) >= 0) count++;
  if (digits[count]) {
    fw_put_error("Only hex digits are expected");
  } else if (count % 2u) {
    fw_put_error("An even number of hex digits is expected");
  } else if (!expecting) {
    fw_put_error("No bytes are expected: db load comes first");
  } else if (count / 2u > LOADED_BYTES - filled) {
    fw_put_error("These are more bytes than expected");
  } else {
    for (uint32_t i = 0; i < count; i += 2) {
      const int byte = hex_digit(digits[i]) * 16 + hex_digit(digits[i + 1]);
      LOADED[filled++] = (uint8_t)((uint32_t)byte ^ FW_TASK_FLIP);
    }
    if (filled == LOADED_BYTES) {
      expecting = 0;
#ifdef FW_TASK_FLOATS
      fw_task_quantize((int8_t*)buffer);
#endif
      fw_put_line("m-load-done");
    }
  }
}

void fw_input_print(void) {
  for (uint32_t i = 0; i < LOADED_BYTES; i++) {
    fw_put_text(i % PRINTED_PER_LINE == 0 ? "m-buffer-" : "-");
    fw_put_hex(LOADED[i] ^ FW_TASK_FLIP, 2);
    if (i % PRINTED_PER_LINE == PRINTED_PER_LINE - 1u || i == LOADED_BYTES - 1u) fw_end_line();
  }
}

/* Returns the number of bytes that came before the line fell silent. */
static uint32_t receive(uint8_t* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const int c = fw_platform_getchar(BYTE_TIMEOUT_US);
    if (c == FW_NO_BYTE) return i;
    bytes[i] = (uint8_t)c;
  }
  return count;
}

void fw_input_receive(uint32_t bytes) {
  uint8_t sent[4];
  expecting = 0;
  if (!right_size(bytes, FW_MODEL_INPUT_BYTES)) return;
  const uint32_t received = receive(buffer, bytes);
  if (received < bytes || receive(sent, sizeof sent) < sizeof sent) {
    memset(buffer, 0, sizeof buffer);
    fw_put_number("e-[Load: no byte came for two seconds, after ", received);
    fw_put_line("]");
    return;
  }
  const uint32_t crc = fw_crc32(0, buffer, bytes);
  const uint32_t expected =
      sent[0] | (uint32_t)sent[1] << 8 | (uint32_t)sent[2] << 16 | (uint32_t)sent[3] << 24;
  if (crc != expected) {
    memset(buffer, 0, sizeof buffer);
    fw_put_error("Load: the CRC differs");
    return;
  }
  fw_put_number("m-fw-load-[bytes=", bytes);
  fw_put_text(",crc=");
  fw_put_hex(crc, 8);
  fw_close_checked_line();
}

void* fw_input_bytes(void) { return buffer; }

#ifdef FW_MEMORY_REACHED
void fw_input_put_place(void) { fw_output_put_place(0, buffer, FW_MODEL_INPUT_BYTES); }
#endif

void fw_input_place(void) {
  const uint8_t* from = buffer;
  if (fw_model.rows) {
    *fw_model.rows = (const int8_t*)buffer;
    return;
  }
  for (uint32_t i = 0; i < fw_model.inputs; i++) {
    memcpy(fw_model.input[i].data, from, fw_model.input[i].bytes);
    from += fw_model.input[i].bytes;
  }
}
