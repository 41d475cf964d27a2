#include "fw_line.h"

#include "fw_board.h"
#include "fw_crc.h"
#include "fw_format.h"
#include "fw_platform.h"
#ifdef FW_TASK_STREAM
#include "fw_stream.h"

#define SHORT_US UINT32_C(1)
#endif

static uint16_t line_crc = FW_CRC16_START;
static uint32_t line_length;
static uint32_t mark, mark_before;

void fw_put_char(char c) {
  line_crc = fw_crc16(line_crc, (uint8_t)c);
  line_length++;
  fw_platform_putchar((uint8_t)c);
}

void fw_put_text(const char* text) {
  while (*text) fw_put_char(*text++);
}

void fw_end_line(void) {
  fw_platform_putchar('\r');
  fw_platform_putchar('\n');
  line_crc = FW_CRC16_START;
  line_length = 0;
}

void fw_mark_answer(uint32_t number) {
  mark_before = mark;
  mark = number;
}

void fw_end_checked_line(void) {
  if (mark) {
    fw_put_number("@", mark);
    fw_put_number(".", mark_before);
  }
  const uint32_t crc = line_crc;
  fw_put_char('*');
  for (int shift = 12; shift >= 0; shift -= 4) {
    fw_put_char("0123456789ABCDEF"[(crc >> shift) & 15u]);
  }
  fw_end_line();
}

void fw_close_checked_line(void) {
  fw_put_char(']');
  fw_end_checked_line();
}

void fw_put_line(const char* text) {
  fw_put_text(text);
  fw_end_line();
}

void fw_put_error(const char* sentence) {
  fw_put_text("e-[");
  fw_put_text(sentence);
  fw_put_line("]");
}

void fw_finish_line(void) {
  if (line_length) fw_end_line();
}

uint32_t fw_read_command(char command[FW_COMMAND_BYTES]) {
  uint32_t length = 0;
  for (;;) {
#ifdef FW_TASK_STREAM
    const int c = fw_platform_getchar(fw_stream_listens() ? SHORT_US : FW_FOREVER);
    if (c == FW_NO_BYTE) fw_stream_step();
#else
    const int c = fw_platform_getchar(FW_FOREVER);
#endif
    if (c == '%') break;
    if (c == FW_NO_BYTE || c == '\r' || c == '\n' || (c == ' ' && length == 0)) continue;
    if (length < FW_COMMAND_BYTES - 1u) command[length] = (char)(c >= ' ' && c <= '~' ? c : '?');
    if (length < FW_COMMAND_BYTES) length++;
  }
  command[length < FW_COMMAND_BYTES ? length : 0u] = '\0';
  return length;
}
