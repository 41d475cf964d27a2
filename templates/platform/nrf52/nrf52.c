/* nRF52840: the crystal and the pins of the serial line. The core has 64 MHz from reset on, without
 * a PLL to set up.
 *
 * Registers and fields are those of Nordic's device headers nrf52840.h and nrf52840_bitfields.h
 * (nrfx, folder mdk), chapters CLOCK, NVMC and GPIO of the product specification.
 */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "uarte.h"

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)UINT32_C(address))

#define CLOCK_TASKS_HFCLKSTART REGISTER(0x40000000)
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(0x40000100)

#define NVMC_ICACHECNF REGISTER(0x4001E540)
#define NVMC_ICACHECNF_CACHEEN UINT32_C(1)

#define P0_OUTSET REGISTER(0x50000508)
#define P0_DIRSET REGISTER(0x50000518)
#define P0_PIN_CNF ((volatile uint32_t*)(uintptr_t)UINT32_C(0x50000700))
#define PIN_CNF_INPUT_PULLUP (UINT32_C(3) << 2)

_Static_assert(FW_UART_TX_PIN < 32 && FW_UART_RX_PIN < 32, "uart.tx_pin, rx_pin: pins of port 0");

void fw_platform_init(void) {
  CLOCK_TASKS_HFCLKSTART = 1;
  while (!CLOCK_EVENTS_HFCLKSTARTED) {
  }
  NVMC_ICACHECNF = NVMC_ICACHECNF_CACHEEN; /* of the flash, which has wait states */
  P0_OUTSET = UINT32_C(1) << FW_UART_TX_PIN;
  P0_DIRSET = UINT32_C(1) << FW_UART_TX_PIN;
  P0_PIN_CNF[FW_UART_RX_PIN] = PIN_CNF_INPUT_PULLUP;
  fw_uarte_init();
  fw_counter_start();
}
