/* Pins (GPIO). The number of a pin is 32 times its port plus its place there. Ports are 0x300 bytes
 * apart; in each, counted from OUT: OUTSET 0x04, OUTCLR 0x08, DIRSET 0x14, PIN_CNF 0x1FC. Source:
 * NRF_GPIO_Type of Nordic's nrf52840.h and nrf5340_application.h (nrfx, folder mdk), chapter GPIO
 * of the product specifications. */
#include "fw_board.h"
#include "fw_platform.h"
#include "nrf.h"
#include "nrf_family.h"

#define PORT(pin) (NRF_PORTS + ((pin) >> 5) * 0x300u)
#define BIT(pin) (UINT32_C(1) << ((pin) & 31u))
#define OUTSET(pin) NRF_REGISTER(PORT(pin) + 0x04u)
#define OUTCLR(pin) NRF_REGISTER(PORT(pin) + 0x08u)
#define DIRSET(pin) NRF_REGISTER(PORT(pin) + 0x14u)
#define PIN_CNF(pin) NRF_REGISTER(PORT(pin) + 0x1FCu + 4u * ((pin) & 31u))
#define PIN_CNF_INPUT_PULLUP (UINT32_C(3) << 2)

_Static_assert(FW_UART_TX_PIN < 48 && FW_UART_RX_PIN < 48, "uart.tx_pin, rx_pin: up to P1.15, 47");

static void drive_high(uint32_t pin) {
  OUTSET(pin) = BIT(pin);
  DIRSET(pin) = BIT(pin);
}

void nrf_pins_init(void) {
  drive_high(FW_UART_TX_PIN);
  PIN_CNF(FW_UART_RX_PIN) = PIN_CNF_INPUT_PULLUP;
#ifdef FW_TRIGGER_PIN
  drive_high(FW_TRIGGER_PIN);
#endif
}

#ifdef FW_TRIGGER_PIN
_Static_assert(FW_TRIGGER_PIN < 48, "trigger: up to P1.15, 47");

void fw_platform_trigger(void) {
  OUTCLR(FW_TRIGGER_PIN) = BIT(FW_TRIGGER_PIN);
  for (uint32_t cycles = FW_TRIGGER_US * (FW_CLOCK_HZ / 1000000u); cycles; cycles--) {
    __asm__ volatile("nop");
  }
  OUTSET(FW_TRIGGER_PIN) = BIT(FW_TRIGGER_PIN);
}
#endif
