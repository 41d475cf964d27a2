/* A wide counter from the two 32-bit timers of the CMSDK dual timer: one counts every tick, the
 * other every 256th and so says how often the first has wrapped. Together they count 2^40 ticks: 12
 * hours at 25 MHz, which is the longest time between two readings.
 */
#include "fw_board.h"
#include "fw_format.h"
#include "fw_platform.h"
#include "uart.h"

typedef struct {
  volatile uint32_t load, value, control, clear, raw, masked, background;
  uint32_t reserved;
} cmsdk_timer;

#define TIMER ((cmsdk_timer*)(uintptr_t)FW_COUNTER_BASE)
#define CONTROL_32_BIT 0x02u
#define CONTROL_DIVIDE_256 0x08u
#define CONTROL_ENABLE 0x80u /* without "periodic": runs freely from 2^32 - 1 down */
#define RANGE_MASK ((UINT64_C(1) << 40) - 1u)

void fw_platform_init(void) {
  TIMER[0].load = UINT32_MAX;
  TIMER[1].load = UINT32_MAX;
  TIMER[0].control = CONTROL_ENABLE | CONTROL_32_BIT;
  TIMER[1].control = CONTROL_ENABLE | CONTROL_32_BIT | CONTROL_DIVIDE_256;
  fw_uart_init();
}

uint64_t fw_platform_counter(void) {
  static uint64_t total;
  const uint32_t fine = ~TIMER[0].value;
  const uint64_t coarse = (uint64_t)~TIMER[1].value << 8;
  /* The two differ by far less than half the range of the fine one. */
  const uint64_t now = coarse + (uint64_t)(int64_t)(int32_t)(fine - (uint32_t)coarse);
  total += (now - total) & RANGE_MASK;
  return total;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}
