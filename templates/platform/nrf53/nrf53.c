/* nRF5340, the application core, which is secure after reset: trimming, clock, cache, and the pins
 * of the serial line.
 *
 * Registers and fields are those of Nordic's device headers nrf5340_application.h and
 * nrf5340_application_bitfields.h (nrfx, folder mdk), chapters FICR, CLOCK, CACHE and GPIO of the
 * product specification. That trimming is the firmware's to copy is from
 * system_nrf5340_application.c there. Its workarounds for early revisions of the chip are not here.
 */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "uarte.h"

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* FICR.TRIMCNF: pairs of the address of a register and what to write there, 32 at most. */
#define FICR_TRIMCNF ((const volatile uint32_t*)(uintptr_t)UINT32_C(0x00FF0300))
#define TRIMCNF_PAIRS 32
#define TRIMCNF_NONE UINT32_C(0xFFFFFFFF)

#define CLOCK_TASKS_HFCLKSTART REGISTER(UINT32_C(0x50005000))
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(UINT32_C(0x50005100))
#define CLOCK_HFCLKSRC REGISTER(UINT32_C(0x50005514))
#define CLOCK_HFCLKCTRL REGISTER(UINT32_C(0x50005558))
#define HFCLKSRC_HFXO UINT32_C(1)
#define HFCLKCTRL_128_MHZ UINT32_C(0)
#define HFCLKCTRL_64_MHZ UINT32_C(1)

#define CACHE_ENABLE REGISTER(UINT32_C(0x50001500))

#define P0_OUTSET REGISTER(UINT32_C(0x50842508))
#define P0_DIRSET REGISTER(UINT32_C(0x50842518))
#define P0_PIN_CNF ((volatile uint32_t*)(uintptr_t)UINT32_C(0x50842700))
#define PIN_CNF_INPUT_PULLUP (UINT32_C(3) << 2)

_Static_assert(FW_UART_TX_PIN < 32 && FW_UART_RX_PIN < 32, "uart.tx_pin, rx_pin: pins of port 0");
_Static_assert(FW_CLOCK_HZ == 128000000u || FW_CLOCK_HZ == 64000000u,
               "clock_hz: an nRF5340 has 128 or 64 MHz");

static void trim(void) {
  for (int i = 0; i < 2 * TRIMCNF_PAIRS && FICR_TRIMCNF[i] != TRIMCNF_NONE; i += 2) {
    REGISTER(FICR_TRIMCNF[i]) = FICR_TRIMCNF[i + 1];
  }
}

void fw_platform_init(void) {
  trim();
  CLOCK_HFCLKCTRL = FW_CLOCK_HZ == 128000000u ? HFCLKCTRL_128_MHZ : HFCLKCTRL_64_MHZ;
  CLOCK_HFCLKSRC = HFCLKSRC_HFXO;
  CLOCK_TASKS_HFCLKSTART = 1;
  while (!CLOCK_EVENTS_HFCLKSTARTED) {
  }
  CACHE_ENABLE = 1; /* of the flash, which has wait states */
  P0_OUTSET = UINT32_C(1) << FW_UART_TX_PIN;
  P0_DIRSET = UINT32_C(1) << FW_UART_TX_PIN;
  P0_PIN_CNF[FW_UART_RX_PIN] = PIN_CNF_INPUT_PULLUP;
  fw_uarte_init();
  fw_counter_start();
}
