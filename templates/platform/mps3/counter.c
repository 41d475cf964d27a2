/* The 64-bit system counter of Corstone subsystems. */
#include "fw_board.h"
#include "fw_format.h"
#include "fw_platform.h"
#include "uart.h"

typedef struct {
  volatile uint32_t low, high;
} counter_frame;

#define COUNTER ((counter_frame*)(uintptr_t)FW_COUNTER_BASE)
#define CONTROL (*(volatile uint32_t*)(uintptr_t)FW_COUNTER_CONTROL)
#define CONTROL_ENABLE 1u

void fw_platform_init(void) {
  CONTROL |= CONTROL_ENABLE;
  fw_uart_init();
}

uint64_t fw_platform_counter(void) {
  uint32_t high, low;
  do { /* again when the low half wrapped in between */
    high = COUNTER->high;
    low = COUNTER->low;
  } while (high != COUNTER->high);
  return (uint64_t)high << 32 | low;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}
