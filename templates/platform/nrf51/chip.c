/* nRF51: the crystal, UART0 as the serial line, TIMER0 as the counter. Output is polled; waiting
 * for input sleeps.
 *
 * Registers, their offsets and the values of their fields are those of Nordic's device headers
 * nrf51.h and nrf51_bitfields.h (nrfx, folder mdk); their chapters of the nRF51 Series Reference
 * Manual are named CLOCK, UART and TIMER. A task is started by writing 1 to its register, an event
 * is a register that the hardware sets to 1 and the program to 0.
 */
#include "core.h"
#include "fw_board.h"
#include "fw_format.h"
#include "fw_platform.h"

#if !defined(FW_UART_TX_PIN) || !defined(FW_UART_RX_PIN)
#error "The board file must say uart.tx_pin and uart.rx_pin: the pins that the serial line goes to"
#endif

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* CLOCK, 0x40000000: the core and its timers run from an oscillator of 16 MHz at once, but only the
 * crystal is exact enough for a serial line. */
#define CLOCK_TASKS_HFCLKSTART REGISTER(UINT32_C(0x40000000))
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(UINT32_C(0x40000100))

#define UART(offset) REGISTER(FW_UART_BASE + UINT32_C(offset))
#define UART_TASKS_STARTRX UART(0x000)
#define UART_TASKS_STARTTX UART(0x008)
#define UART_EVENTS_RXDRDY UART(0x108)
#define UART_EVENTS_TXDRDY UART(0x11C)
#define UART_INTENSET UART(0x304)
#define UART_INTENCLR UART(0x308)
#define UART_ENABLE UART(0x500)
#define UART_PSELTXD UART(0x50C)
#define UART_PSELRXD UART(0x514)
#define UART_RXD UART(0x518)
#define UART_TXD UART(0x51C)
#define UART_BAUDRATE UART(0x524)
#define UART_ENABLED UINT32_C(4)
#define UART_RXDRDY_INTERRUPT (UINT32_C(1) << 2)
#if FW_UART_BAUD == 9600u
#define UART_BAUD UINT32_C(0x00275000)
#else
#define UART_BAUD UINT32_C(0x01D7E000)
_Static_assert(FW_UART_BAUD == 115200u, "the reference manual names the rates");
#endif

/* GPIO, 0x50000000. */
#define GPIO_OUTSET REGISTER(UINT32_C(0x50000508))
#define GPIO_DIRSET REGISTER(UINT32_C(0x50000518))

#define TIMER(offset) REGISTER(FW_COUNTER_BASE + UINT32_C(offset))
#define TIMER_TASKS_START TIMER(0x000)
#define TIMER_TASKS_CAPTURE0 TIMER(0x040)
#define TIMER_BITMODE TIMER(0x508)
#define TIMER_PRESCALER TIMER(0x510)
#define TIMER_CC0 TIMER(0x540)
#define TIMER_32_BITS UINT32_C(3)

#define IRQ_BIT (UINT32_C(1) << FW_UART_RX_IRQ)

static int sent; /* whether a byte is on its way, so that its event will come */

void fw_platform_init(void) {
  CLOCK_TASKS_HFCLKSTART = 1;
  while (!CLOCK_EVENTS_HFCLKSTARTED) {
  }
  TIMER_BITMODE = TIMER_32_BITS;
  TIMER_PRESCALER = 0; /* 16 MHz */
  TIMER_TASKS_START = 1;
  /* The line is idle, high, before the UART takes the pin. */
  GPIO_OUTSET = UINT32_C(1) << FW_UART_TX_PIN;
  GPIO_DIRSET = UINT32_C(1) << FW_UART_TX_PIN;
  UART_PSELTXD = FW_UART_TX_PIN;
  UART_PSELRXD = FW_UART_RX_PIN;
  UART_BAUDRATE = UART_BAUD;
  UART_ENABLE = UART_ENABLED;
  UART_TASKS_STARTTX = 1;
  UART_TASKS_STARTRX = 1;
}

/* Waits for the byte before this one. */
static void finish_sending(void) {
  while (sent && !UART_EVENTS_TXDRDY) {
  }
  UART_EVENTS_TXDRDY = 0;
  sent = 0;
}

void fw_platform_putchar(uint8_t byte) {
  finish_sending();
  UART_TXD = byte;
  sent = 1;
}

/* Until a byte comes. Its interrupt wakes the core but is held back, and withdrawn before
 * interrupts are let in again. */
static void sleep(void) {
  __asm__ volatile("cpsid i" ::: "memory");
  UART_INTENSET = UART_RXDRDY_INTERRUPT;
  *NVIC_ISER = IRQ_BIT;
  if (!UART_EVENTS_RXDRDY) __asm__ volatile("dsb\n\twfi" ::: "memory");
  UART_INTENCLR = UART_RXDRDY_INTERRUPT;
  *NVIC_ICER = IRQ_BIT;
  *NVIC_ICPR = IRQ_BIT;
  core_barrier();
  __asm__ volatile("cpsie i" ::: "memory");
}

/* With a limit it does not sleep: an nRF51 has no SysTick to wake it. */
int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!UART_EVENTS_RXDRDY) {
    if (timeout_us == FW_FOREVER) {
      sleep();
    } else if (fw_platform_microseconds() - start >= timeout_us) {
      return FW_NO_BYTE;
    }
  }
  /* Before the byte is taken: the next one in the queue sets it again. */
  UART_EVENTS_RXDRDY = 0;
  return (int)(UART_RXD & 0xFFu);
}

/* Two readings must be less than 2^32 ticks apart: 268 s. */
uint64_t fw_platform_counter(void) {
  static uint64_t total;
  TIMER_TASKS_CAPTURE0 = 1;
  total += (uint32_t)(TIMER_CC0 - (uint32_t)total);
  return total;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}

_Noreturn void fw_platform_end(void) {
  finish_sending();
  __asm__ volatile("cpsid i" ::: "memory");
  for (;;) __asm__ volatile("wfi");
}
