/* STM32F405: USART1 is the serial line, polled. What the start-up code of fwgen and its counter of
 * the core leave to the chip, see fw_platform.h. */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"

typedef struct {
  volatile uint32_t status, data, divider, control;
} usart;

#define USART ((usart*)(uintptr_t)FW_UART_BASE)
#define USART_RECEIVED (1u << 5)
#define USART_SENT (1u << 6)
#define USART_TAKES (1u << 7)
#define USART_ON (1u << 13 | 1u << 3 | 1u << 2) /* transmitter, receiver */

void fw_platform_init(void) {
  USART->divider = FW_UART_HZ / FW_UART_BAUD;
  USART->control = USART_ON;
  fw_counter_start();
}

void fw_platform_putchar(uint8_t byte) {
  while (!(USART->status & USART_TAKES)) {
  }
  USART->data = byte;
}

int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!(USART->status & USART_RECEIVED)) {
    if (timeout_us != FW_FOREVER && fw_platform_microseconds() - start >= timeout_us)
      return FW_NO_BYTE;
  }
  return (int)(USART->data & 0xFFu);
}

_Noreturn void fw_platform_end(void) {
  while (!(USART->status & USART_SENT)) {
  }
  for (;;) __asm__ volatile("wfi");
}
