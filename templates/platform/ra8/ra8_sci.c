/* SCI9 of an RA8D1 as the serial line, polled, with its queues of 16 bytes. It never sleeps: the
 * core's cycle counter, which tells the time, stands still while the core does.
 *
 * Addresses, widths and fields: Renesas' R7FA8D1BH.h (R_SCI_B0, R_MSTP, R_PSCU); the order of
 * steps: R_SCI_B_UART_Open and r_sci_b_uart_config_set of its FSP.
 */
#include "fw_board.h"
#include "fw_platform.h"
#include "ra8.h"

#define PSCU_PSARB RA8_32(UINT32_C(0x40204004)) /* 0: the module is the secure state's */
#define SCI9_BIT (UINT32_C(1) << 22)            /* of it, and of MSTPCRB, where 0 lets it run */
#define SCI9 UINT32_C(0x40358900)
_Static_assert(FW_UART_BASE == SCI9, "uart.base: SCI9");

#define RDR RA8_32(SCI9 + 0x00u)
#define TDR_BY RA8_8(SCI9 + 0x04u)
#define CCR0 RA8_32(SCI9 + 0x08u)
#define CCR1 RA8_32(SCI9 + 0x0Cu)
#define CCR2 RA8_32(SCI9 + 0x10u)
#define CCR3 RA8_32(SCI9 + 0x14u)
#define CCR4 RA8_32(SCI9 + 0x18u)
#define CESR RA8_8(SCI9 + 0x1Cu)
#define FCR RA8_32(SCI9 + 0x24u)
#define CSR RA8_32(SCI9 + 0x48u)
#define FRSR RA8_32(SCI9 + 0x50u)
#define FTSR RA8_32(SCI9 + 0x54u)
#define CFCLR RA8_32(SCI9 + 0x68u)
#define FFCLR RA8_32(SCI9 + 0x70u)

#define CCR0_RECEIVE_SEND (UINT32_C(1) << 4 | UINT32_C(1) << 0)      /* TE, RE */
#define CCR1_IDLE_HIGH (UINT32_C(1) << 5 | UINT32_C(1) << 4)         /* SPB2IO, SPB2DT */
#define CCR2_RESET (UINT32_C(0xFF) << 24 | UINT32_C(4))              /* MDDR, BCP: not used */
#define CCR2_BY_16 (UINT32_C(1) << 4)                                /* BGDM; ABCS is 0 */
#define CCR3_QUEUES (UINT32_C(1) << 20)                              /* FM */
#define CCR3_FALLING_EDGE (UINT32_C(1) << 15)                        /* RXDESEL */
#define CCR3_8_BITS_LSB_FIRST (UINT32_C(1) << 12 | UINT32_C(2) << 8) /* LSBF, CHR */
#define CESR_RECEIVES 1u
#define FCR_EMPTY (UINT32_C(1) << 23 | UINT32_C(1) << 15) /* RFRST, TFRST */
#define CSR_TEND (UINT32_C(1) << 30)
#define FRSR_COUNT (UINT32_C(0x3F) << 8)
#define FTSR_COUNT UINT32_C(0x3F)
#define QUEUE_BYTES 16u
#define CFCLR_ALL UINT32_C(0x9D070010) /* all that it has but TDREC */
#define FFCLR_ALL UINT32_C(1)

/* The clock, or a quarter of it where that is too fast, by 16 times the rate, to the nearest; the
 * field holds one less. */
#if FW_UART_HZ / 16u / FW_UART_BAUD < 256u
#define CCR2_CLOCK UINT32_C(0) /* CKS */
#define CLOCK_HZ FW_UART_HZ
#else
#define CCR2_CLOCK (UINT32_C(1) << 20)
#define CLOCK_HZ (FW_UART_HZ / 4u)
#endif
#define BAUD_DIVIDER ((CLOCK_HZ + 8u * FW_UART_BAUD) / (16u * FW_UART_BAUD))
_Static_assert(BAUD_DIVIDER >= 1 && BAUD_DIVIDER <= 256, "uart.hz: the divider has 8 bits");

#define MODULE_STARTS_US 150u

void ra8_sci_init(void) {
  SYSTEM_PRCR = PRCR_SECURITY;
  PSCU_PSARB &= ~SCI9_BIT;
  SYSTEM_PRCR = PRCR_KEY;
  MSTP_MSTPCRB &= ~SCI9_BIT;
  (void)MSTP_MSTPCRB;
  ra8_wait_us(MODULE_STARTS_US);

  CCR0 = 0;
  CCR3 = CCR3_QUEUES | CCR3_FALLING_EDGE | CCR3_8_BITS_LSB_FIRST;
  CCR2 = CCR2_RESET | CCR2_BY_16 | CCR2_CLOCK | (BAUD_DIVIDER - 1u) << 8;
  CCR1 = CCR1_IDLE_HIGH;
  CCR4 = 0;
  FCR = FCR_EMPTY;
  CFCLR = CFCLR_ALL;
  FFCLR = FFCLR_ALL;
  CCR0 = CCR0_RECEIVE_SEND;
  while (!(CESR & CESR_RECEIVES)) {
  }
}

void fw_platform_putchar(uint8_t byte) {
  while ((FTSR & FTSR_COUNT) >= QUEUE_BYTES) {
  }
  TDR_BY = byte;
}

/* Overrun and the like stop the receiver until they are cleared: the protocol finds out. */
int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (!(FRSR & FRSR_COUNT)) {
    const uint32_t waited = fw_platform_microseconds() - start;
    if (timeout_us != FW_FOREVER && waited >= timeout_us) return FW_NO_BYTE;
    CFCLR = CFCLR_ALL;
  }
  const int byte = (int)(RDR & 0xFFu);
  CFCLR = CFCLR_ALL;
  return byte;
}

_Noreturn void fw_platform_end(void) {
  while (!(CSR & CSR_TEND)) {
  }
  __asm__ volatile("cpsid i" ::: "memory");
  for (;;) __asm__ volatile("wfi");
}
