/* Single functions of the runtime for tests on this machine: what they print goes to a buffer. */
#include "fw_format.h"
#include "fw_line.h"
#include "fw_platform.h"
#include "uart.h"

char printed[64];
uint32_t printed_bytes;
uint32_t fake_timer[16]; /* registers of the dual timer */

extern char printed[64];
extern uint32_t printed_bytes;
extern uint32_t fake_timer[16];

void fw_put_char(char c) {
  if (printed_bytes < sizeof printed) printed[printed_bytes++] = c;
}

void fw_put_text(const char* text) {
  while (*text) fw_put_char(*text++);
}

void fw_uart_init(void) {}
