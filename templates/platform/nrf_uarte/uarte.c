/* Nordic's UARTE as the serial line. It reaches RAM alone, by DMA: each byte goes through a
 * variable there. The chip's platform sets clock and pins up.
 *
 * It is polled and never sleeps: the core's cycle counter, which tells the time, stands still while
 * the core does. A second byte that comes before the first is taken waits in the UARTE's queue.
 *
 * Registers and fields are those of Nordic's device headers nrf52840.h and nrf5340_application.h
 * with their _bitfields.h (nrfx, folder mdk), chapter UARTE of the product specifications. A task
 * is started by writing 1 to its register, an event is a register that the hardware sets to 1 and
 * the program to 0.
 */
#include "uarte.h"

#include "core.h"
#include "fw_board.h"
#include "fw_platform.h"

#if !defined(FW_UART_TX_PIN) || !defined(FW_UART_RX_PIN)
#error "The board file must say uart.tx_pin and uart.rx_pin: the pins that the serial line goes to"
#endif

#define UARTE(offset) (*(volatile uint32_t*)(uintptr_t)(FW_UART_BASE + UINT32_C(offset)))
#define UARTE_TASKS_STARTRX UARTE(0x000)
#define UARTE_TASKS_STARTTX UARTE(0x008)
#define UARTE_EVENTS_ENDRX UARTE(0x110)
#define UARTE_EVENTS_ENDTX UARTE(0x120)
#define UARTE_ENABLE UARTE(0x500)
#define UARTE_PSEL_TXD UARTE(0x50C) /* port times 32 plus pin; bit 31 clear: connected */
#define UARTE_PSEL_RXD UARTE(0x514)
#define UARTE_BAUDRATE UARTE(0x524)
#define UARTE_RXD_PTR UARTE(0x534)
#define UARTE_RXD_MAXCNT UARTE(0x538)
#define UARTE_TXD_PTR UARTE(0x544)
#define UARTE_TXD_MAXCNT UARTE(0x548)
#define UARTE_ENABLED UINT32_C(8)
#if FW_UART_BAUD == 9600u
#define UARTE_BAUD UINT32_C(0x00275000) /* 9,598 */
#else
#define UARTE_BAUD UINT32_C(0x01D60000) /* 115,108 */
_Static_assert(FW_UART_BAUD == 115200u, "the product specification names the rates");
#endif

static volatile uint8_t received, sent;
static int sending; /* so that an event will come */

void fw_uarte_init(void) {
  UARTE_PSEL_TXD = FW_UART_TX_PIN;
  UARTE_PSEL_RXD = FW_UART_RX_PIN;
  UARTE_BAUDRATE = UARTE_BAUD;
  UARTE_ENABLE = UARTE_ENABLED;
  UARTE_RXD_PTR = (uint32_t)(uintptr_t)&received;
  UARTE_RXD_MAXCNT = 1;
  UARTE_TXD_PTR = (uint32_t)(uintptr_t)&sent;
  UARTE_TXD_MAXCNT = 1;
  UARTE_TASKS_STARTRX = 1;
}

static void finish_sending(void) {
  while (sending && !UARTE_EVENTS_ENDTX) {
  }
  UARTE_EVENTS_ENDTX = 0;
  sending = 0;
}

void fw_platform_putchar(uint8_t byte) {
  finish_sending();
  sent = byte;
  core_barrier(); /* before the DMA reads it */
  UARTE_TASKS_STARTTX = 1;
  sending = 1;
}

int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!UARTE_EVENTS_ENDRX) {
    const uint32_t waited = fw_platform_microseconds() - start;
    if (timeout_us != FW_FOREVER && waited >= timeout_us) return FW_NO_BYTE;
  }
  UARTE_EVENTS_ENDRX = 0;
  const int byte = received;
  UARTE_TASKS_STARTRX = 1;
  return byte;
}

_Noreturn void fw_platform_end(void) {
  finish_sending();
  __asm__ volatile("cpsid i" ::: "memory");
  for (;;) __asm__ volatile("wfi");
}
