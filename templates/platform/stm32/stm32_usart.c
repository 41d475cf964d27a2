/* USART or LPUART: the serial line. Output is polled; waiting for input without a limit sleeps. A
 * wait with a limit polls: while the core sleeps, its cycle counter may stand still.
 *
 * Bits 5 to 7 of the status are RXNE, TC and TXE in USART_SR of the F4 and in USART_ISR of all
 * later ones; CR1 has RE, TE and RXNEIE as bits 2, 3 and 5 in both. */
#include "stm32_usart.h"

#include "core.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "stm32.h"
#include "stm32_family.h"

#define REGISTER(offset) STM32_REGISTER(FW_UART_BASE + (offset))
#define STATUS REGISTER(USART_STATUS)
#define RECEIVED (1u << 5)
#define SENT (1u << 6)
#define TAKES (1u << 7)
#define RECEIVER_SENDER (1u << 2 | 1u << 3)
#define RECEIVER_INTERRUPT (1u << 5)

#define IRQ_WORD (FW_UART_RX_IRQ / 32)
#define IRQ_BIT (UINT32_C(1) << (FW_UART_RX_IRQ % 32))

/* BRR is the clock over the baud rate with oversampling by 16 (USARTDIV), and 256 times that on an
 * LPUART; both to the nearest. BRR has 16 bits, and 20 on an LPUART, whose clock may be up to 4096
 * times the rate (ST's stm32l4xx_hal_uart.c): a prescaler divides it by 4 where it is faster. */
#if USART_IS_LOW_POWER
#if FW_UART_HZ > UINT32_C(4096) * FW_UART_BAUD
#define PRESCALER 4u
#define PRESC_VALUE 2u
#else
#define PRESCALER 1u
#define PRESC_VALUE 0u
#endif
#define CLOCK_256 (UINT64_C(256) * (FW_UART_HZ / PRESCALER))
#define DIVIDER ((uint32_t)((CLOCK_256 + FW_UART_BAUD / 2u) / FW_UART_BAUD))
_Static_assert(DIVIDER >= 0x300u && DIVIDER <= 0xFFFFFu, "uart.hz: the divider has 20 bits");
#else
#define DIVIDER ((FW_UART_HZ + FW_UART_BAUD / 2u) / FW_UART_BAUD)
_Static_assert(DIVIDER >= 16u && DIVIDER <= 0xFFFFu, "uart.hz: the divider has 16 bits");
#endif

void stm32_usart_init(void) {
  REGISTER(USART_CR1) = 0; /* the divider is only taken while the line is off */
#if USART_IS_LOW_POWER
  REGISTER(USART_PRESC) = PRESC_VALUE;
#endif
  REGISTER(USART_BRR) = DIVIDER;
  REGISTER(USART_CR1) = USART_OPTIONS | RECEIVER_SENDER | RECEIVER_INTERRUPT;
  REGISTER(USART_CR1) = USART_OPTIONS | RECEIVER_SENDER | RECEIVER_INTERRUPT | USART_ON;
}

void fw_platform_putchar(uint8_t byte) {
  while (!(STATUS & TAKES)) {
  }
  REGISTER(USART_SEND) = byte;
}

/* Until a byte comes. The interrupt wakes the core but is held back, and withdrawn before it is let
 * in again. */
static void sleep(void) {
  __asm__ volatile("cpsid i" ::: "memory");
  NVIC_ICPR[IRQ_WORD] = IRQ_BIT;
  NVIC_ISER[IRQ_WORD] = IRQ_BIT;
  if (!(STATUS & RECEIVED)) __asm__ volatile("dsb\n\twfi" ::: "memory");
  NVIC_ICER[IRQ_WORD] = IRQ_BIT;
  core_barrier();
  __asm__ volatile("cpsie i" ::: "memory");
}

int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!(STATUS & RECEIVED)) {
    if (timeout_us == FW_FOREVER) {
      sleep();
    } else if (fw_platform_microseconds() - start >= timeout_us) {
      return FW_NO_BYTE;
    }
  }
#ifdef USART_CLEAR
  REGISTER(USART_CLEAR) = 15u; /* parity, framing, noise, overrun: the protocol finds out */
#endif
  return (int)(REGISTER(USART_RECEIVE) & 0xFFu);
}

_Noreturn void fw_platform_end(void) {
  while (!(STATUS & SENT)) {
  }
  __asm__ volatile("cpsid i" ::: "memory");
  REGISTER(USART_CR1) = USART_OPTIONS | RECEIVER_SENDER | USART_ON; /* nothing wakes the core */
  for (;;) __asm__ volatile("wfi");
}
