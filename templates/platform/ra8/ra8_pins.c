/* Pins of an RA8D1. The number of a pin is 16 times its port plus its place there.
 *
 * Addresses, widths and fields: Renesas' R7FA8D1BH.h (R_PFS, R_PMISC, R_PORT0); the order in which
 * a pin gets a function: R_IOPORT_PinsCfg of its FSP.
 */
#include "fw_board.h"
#include "fw_platform.h"
#include "ra8.h"

#define PFS(pin) RA8_32(UINT32_C(0x40400800) + 4u * (pin))
#define PFS_HIGH (UINT32_C(1) << 0)    /* PODR */
#define PFS_OUTPUT (UINT32_C(1) << 2)  /* PDR */
#define PFS_PULL_UP (UINT32_C(1) << 4) /* PCR */
#define PFS_PERIPHERAL (UINT32_C(1) << 16)
#define PFS_FUNCTION (FW_UART_PIN_FUNCTION << 24) /* PSEL */

/* Writes to PFS are let through by PFSWE, and those to PFSWE by B0WI. */
#define PMISC_PWPRS RA8_8(UINT32_C(0x40400D14))
#define PWPRS_PFSWE (1u << 6)
#define PWPRS_B0WI (1u << 7)
#define PMISC_PMSAR(pin) RA8_16(UINT32_C(0x40400D30) + 4u * ((pin) >> 4))

#define PORT(pin) (UINT32_C(0x40400000) + 0x20u * ((pin) >> 4))
#define PORT_POSR(pin) RA8_16(PORT(pin) + 0x08u) /* bits that go high */
#define PORT_PORR(pin) RA8_16(PORT(pin) + 0x0Au) /* bits that go low */
#define BIT(pin) ((uint16_t)(1u << ((pin) & 15u)))

/* All pins of its port belong to the secure state, as after reset. */
static void own(uint32_t pin) { PMISC_PMSAR(pin) = 0; }

static void connect(uint32_t pin, uint32_t pull) {
  own(pin);
  PFS(pin) = pull;
  PFS(pin) = pull | PFS_FUNCTION;
  PFS(pin) = pull | PFS_FUNCTION | PFS_PERIPHERAL;
}

void ra8_pins_init(void) {
  SYSTEM_PRCR = PRCR_SECURITY;
  PMISC_PWPRS = 0;
  PMISC_PWPRS = PWPRS_PFSWE;
  connect(FW_UART_TX_PIN, 0);
  connect(FW_UART_RX_PIN, PFS_PULL_UP);
#ifdef FW_TRIGGER_PIN
  own(FW_TRIGGER_PIN);
  PFS(FW_TRIGGER_PIN) = PFS_HIGH | PFS_OUTPUT;
#endif
  PMISC_PWPRS = 0;
  PMISC_PWPRS = PWPRS_B0WI;
  SYSTEM_PRCR = PRCR_KEY;
}

#ifdef FW_TRIGGER_PIN
void fw_platform_trigger(void) {
  PORT_PORR(FW_TRIGGER_PIN) = BIT(FW_TRIGGER_PIN);
  ra8_wait_us(FW_TRIGGER_US);
  PORT_POSR(FW_TRIGGER_PIN) = BIT(FW_TRIGGER_PIN);
}
#endif
