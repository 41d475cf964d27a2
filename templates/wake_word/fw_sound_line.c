/* Sound by a serial line of a simulator, a CMSDK UART, in place of a microphone; and what pins
 * would show by the same line back: '+' and '-' for the begin and the end of a step, '!' for a
 * detection. A sample is two bytes, the lower one first. */
#include "fw_board.h"

#ifdef FW_SOUND_BASE
#include "fw_stream.h"

typedef struct {
  volatile uint32_t data, state, control, interrupts, divider;
} cmsdk_uart;

#define UART ((cmsdk_uart*)(uintptr_t)FW_SOUND_BASE)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CONTROL_TX_RX 3u
#define DIVIDER 16u     /* the least: the simulator has no rate */
#define PATIENCE 100000 /* polls for the next byte: a thread of the simulator brings it */

static uint8_t lower;
static int has_lower; /* of the next sample */

int fw_platform_listen(int on) {
  UART->divider = DIVIDER;
  UART->control = on ? CONTROL_TX_RX : 0;
  (void)UART->data; /* drops a stale byte; QEMU looks for input late until the first read */
  has_lower = 0;
  return 1;
}

/* The next byte, or -1 if none comes. */
static int next_byte(void) {
  for (int i = 0; i < PATIENCE; i++) {
    if (UART->state & STATE_RX_FULL) return (int)(UART->data & 0xFFu);
  }
  return -1;
}

uint32_t fw_platform_samples(int16_t* samples, uint32_t most) {
  uint32_t count = 0;
  while (count < most) {
    const int byte = next_byte();
    if (byte < 0) break;
    if (has_lower) samples[count++] = (int16_t)(uint16_t)(lower | byte << 8);
    lower = (uint8_t)byte;
    has_lower = !has_lower;
  }
  return count;
}

static void show(char what) {
  while (UART->state & STATE_TX_FULL) {
  }
  UART->data = (uint8_t)what;
}

void fw_platform_detected(void) { show('!'); }

void fw_platform_busy(int on) { show(on ? '+' : '-'); }
#endif
