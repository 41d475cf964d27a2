/* STM32F405: USART1 is the serial line, polled; TIM2 counts. What the start-up code of fwgen leaves
 * to the chip, see fw_platform.h. */
#include "fw_board.h"
#include "fw_format.h"
#include "fw_platform.h"

typedef struct {
  volatile uint32_t status, data, divider, control;
} usart;

#define USART ((usart*)(uintptr_t)FW_UART_BASE)
#define USART_RECEIVED (1u << 5)
#define USART_SENT (1u << 6)
#define USART_TAKES (1u << 7)
#define USART_ON (1u << 13 | 1u << 3 | 1u << 2) /* transmitter, receiver */

#define TIMER(offset) (*(volatile uint32_t*)(uintptr_t)(FW_COUNTER_BASE + (offset)))
#define TIMER_CONTROL TIMER(0x00u)
#define TIMER_COUNT TIMER(0x24u)
#define TIMER_LAST TIMER(0x2Cu)

void fw_platform_init(void) {
  USART->divider = FW_UART_HZ / 115200u;
  USART->control = USART_ON;
  TIMER_LAST = UINT32_MAX;
  TIMER_CONTROL = 1u;
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

/* Two readings must be less than 2^32 ticks apart: 4 s at 1 GHz. */
uint64_t fw_platform_counter(void) {
  static uint64_t total;
  total += (uint32_t)(TIMER_COUNT - (uint32_t)total);
  return total;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}

_Noreturn void fw_platform_end(void) {
  while (!(USART->status & USART_SENT)) {
  }
  for (;;) __asm__ volatile("wfi");
}
