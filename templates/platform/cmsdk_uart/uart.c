/* CMSDK APB UART: the serial line. Output is polled; waiting for input sleeps. */
#include "uart.h"

#include "core.h"
#include "fw_board.h"
#include "fw_platform.h"

typedef struct {
  volatile uint32_t data, state, control, interrupts, divider;
} cmsdk_uart;

#define UART ((cmsdk_uart*)(uintptr_t)FW_UART_BASE)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CONTROL_TX_RX 3u
#define CONTROL_RX_INTERRUPT 8u
#define INTERRUPT_RX 2u

#define SYSTICK_RUN 7u /* core clock, interrupt, enable */
#define SYSTICK_HZ 100u
#define ICSR_PENDSTCLR (UINT32_C(1) << 25)

#define IRQ_WORD (FW_UART_RX_IRQ / 32)
#define IRQ_BIT (UINT32_C(1) << (FW_UART_RX_IRQ % 32))

void fw_uart_init(void) {
  UART->divider = FW_UART_HZ / FW_UART_BAUD;
  UART->control = CONTROL_TX_RX | CONTROL_RX_INTERRUPT;
  (void)UART->data; /* drops a stale byte; QEMU looks for input late until the first read */
  SYST_RVR = FW_CLOCK_HZ / SYSTICK_HZ - 1u;
}

void fw_platform_putchar(uint8_t byte) {
  while (UART->state & STATE_TX_FULL) {
  }
  UART->data = byte;
}

/* Sleeps until a byte comes, or for at most 10 ms if `tick`. Interrupts wake the core but are held
 * back, and withdrawn before they are let in again. */
static void sleep(int tick) {
  __asm__ volatile("cpsid i" ::: "memory");
  NVIC_ISER[IRQ_WORD] = IRQ_BIT;
  SYST_CVR = 0;
  SYST_CSR = tick ? SYSTICK_RUN : 0;
  if (!(UART->state & STATE_RX_FULL)) __asm__ volatile("dsb\n\twfi" ::: "memory");
  SYST_CSR = 0;
  ICSR = ICSR_PENDSTCLR;
  NVIC_ICER[IRQ_WORD] = IRQ_BIT;
  core_barrier();
  __asm__ volatile("cpsie i" ::: "memory");
}

int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!(UART->state & STATE_RX_FULL)) {
    if (timeout_us != FW_FOREVER && fw_platform_microseconds() - start >= timeout_us) {
      return FW_NO_BYTE;
    }
    sleep(timeout_us != FW_FOREVER);
  }
  /* Withdrawn before the byte is taken, so that the next one asks anew. */
  UART->interrupts = INTERRUPT_RX;
  NVIC_ICPR[IRQ_WORD] = IRQ_BIT;
  return (int)(UART->data & 0xFFu);
}

_Noreturn void fw_platform_end(void) {
  while (UART->state & STATE_TX_FULL) {
  }
  __asm__ volatile("cpsid i" ::: "memory");
  UART->control = CONTROL_TX_RX; /* nothing wakes the core any more */
  for (;;) __asm__ volatile("wfi");
}
