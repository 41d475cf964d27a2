/* RP2350: clocks from the crystal of 12 MHz, and UART0, a PL011, as the serial line, which is
 * polled. It never sleeps: the core's cycle counter, which tells the time, stands still while the
 * core does.
 *
 * Registers and fields are those of Raspberry Pi's pico-sdk, src/rp2350/hardware_regs
 * (addressmap.h, resets.h, xosc.h, pll.h, clocks.h, pads_bank0.h, io_bank0.h, sio.h, uart.h), which
 * name those of the RP2350 datasheet; the order of steps is that of its clocks, PLL and GPIO
 * drivers. The boot ROM has set up the flash, at a rate that is safe at this clock as well:
 * programs of pico-sdk leave it so, unless they ask for more (PICO_EMBED_XIP_SETUP of pico_crt0).
 */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"

#if !defined(FW_UART_TX_PIN) || !defined(FW_UART_RX_PIN)
#error "The board file must say uart.tx_pin and uart.rx_pin: the pins that the serial line goes to"
#endif

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))
/* A write to an alias of a register sets or clears the bits that it has. */
#define SET(address) REGISTER((address) + UINT32_C(0x2000))
#define CLEAR(address) REGISTER((address) + UINT32_C(0x3000))

#define RESETS_RESET UINT32_C(0x40020000)
#define RESETS_DONE UINT32_C(0x40020008)
#define RESETS_IO_BANK0 (UINT32_C(1) << 6)
#define RESETS_PADS_BANK0 (UINT32_C(1) << 9)
#define RESETS_PLL_SYS (UINT32_C(1) << 14)
#define RESETS_UART0 (UINT32_C(1) << 26)

#define XOSC_CTRL UINT32_C(0x40048000)
#define XOSC_STATUS UINT32_C(0x40048004)
#define XOSC_STARTUP UINT32_C(0x4004800C)
#define XOSC_HZ 12000000u
#define XOSC_1_TO_15_MHZ UINT32_C(0xAA0)
#define XOSC_ENABLE (UINT32_C(0xFAB) << 12)
#define XOSC_STABLE (UINT32_C(1) << 31)
/* A millisecond in units of 256 cycles, times 64, as pico-sdk has it for crystals that are slow. */
#define XOSC_STARTUP_DELAY ((XOSC_HZ / 1000u + 128u) / 256u * 64u)

#define PLL_CS UINT32_C(0x40050000)
#define PLL_PWR UINT32_C(0x40050004)
#define PLL_FBDIV_INT UINT32_C(0x40050008)
#define PLL_PRIM UINT32_C(0x4005000C)
#define PLL_LOCK (UINT32_C(1) << 31)
#define PLL_POWER_DOWN (UINT32_C(1) << 5 | UINT32_C(1) << 0) /* VCOPD, PD */
#define PLL_POSTDIV_POWER_DOWN (UINT32_C(1) << 3)
/* 12 MHz times 125, which is 1500 MHz, by 5 and by 2. */
#define PLL_TIMES UINT32_C(125)
#define PLL_BY_1 UINT32_C(5)
#define PLL_BY_2 UINT32_C(2)

#define CLK_REF_CTRL UINT32_C(0x40010030)
#define CLK_REF_SELECTED UINT32_C(0x40010038)
#define CLK_REF_CTRL_SRC UINT32_C(3)
#define CLK_REF_CTRL_XOSC UINT32_C(2)
#define CLK_SYS_CTRL UINT32_C(0x4001003C)
#define CLK_SYS_SELECTED UINT32_C(0x40010044)
#define CLK_SYS_CTRL_AUX UINT32_C(1)           /* SRC; 0: the reference clock */
#define CLK_SYS_CTRL_AUXSRC (UINT32_C(7) << 5) /* 0: PLL_SYS */
#define CLK_PERI_CTRL UINT32_C(0x40010048)
#define CLK_PERI_CTRL_ENABLE (UINT32_C(1) << 11) /* with AUXSRC 0: the system clock */

#define PADS_GPIO(pin) (UINT32_C(0x40038004) + 4u * (pin))
#define PADS_ISOLATED (UINT32_C(1) << 8)
#define PADS_INPUT (UINT32_C(1) << 6)
#define PADS_4_MA (UINT32_C(1) << 4)
#define PADS_PULL_UP (UINT32_C(1) << 3)
#define PADS_SCHMITT (UINT32_C(1) << 1)
#define IO_GPIO_CTRL(pin) (UINT32_C(0x40028004) + 8u * (pin))
#define IO_FUNCTION_UART UINT32_C(2)
#define IO_FUNCTION_SIO UINT32_C(5)

#define SIO_GPIO_OUT_SET REGISTER(UINT32_C(0xD0000018))
#define SIO_GPIO_OUT_CLR REGISTER(UINT32_C(0xD0000020))
#define SIO_GPIO_OE_SET REGISTER(UINT32_C(0xD0000038))

#define UART(offset) REGISTER(FW_UART_BASE + UINT32_C(offset))
#define UART_DR UART(0x00)
#define UART_FR UART(0x18)
#define UART_IBRD UART(0x24)
#define UART_FBRD UART(0x28)
#define UART_LCR_H UART(0x2C)
#define UART_CR UART(0x30)
#define FR_BUSY (UINT32_C(1) << 3)
#define FR_RX_EMPTY (UINT32_C(1) << 4)
#define FR_TX_FULL (UINT32_C(1) << 5)
#define LCR_H_8_BITS_QUEUES (UINT32_C(3) << 5 | UINT32_C(1) << 4)
#define CR_ENABLE (UINT32_C(1) << 9 | UINT32_C(1) << 8 | UINT32_C(1) << 0) /* receive, send */
/* The divider in 64ths: the clock by 16 times the rate. */
#define BAUD_64THS ((FW_UART_HZ * 4u + FW_UART_BAUD / 2u) / FW_UART_BAUD)

_Static_assert(FW_CLOCK_HZ == XOSC_HZ / 1u * 125u / 5u / 2u && FW_UART_HZ == FW_CLOCK_HZ,
               "clock_hz, uart.hz: this start-up code makes 150 MHz");

static void wait_for(uint32_t address, uint32_t bits) {
  while ((REGISTER(address) & bits) != bits) {
  }
}

static void release(uint32_t blocks) {
  CLEAR(RESETS_RESET) = blocks;
  wait_for(RESETS_DONE, blocks);
}

static void start_clocks(void) {
  REGISTER(XOSC_STARTUP) = XOSC_STARTUP_DELAY;
  REGISTER(XOSC_CTRL) = XOSC_1_TO_15_MHZ | XOSC_ENABLE;
  wait_for(XOSC_STATUS, XOSC_STABLE);
  /* From the crystal while the PLL changes: the boot ROM may have used it. */
  CLEAR(CLK_SYS_CTRL) = CLK_SYS_CTRL_AUX;
  wait_for(CLK_SYS_SELECTED, UINT32_C(1) << 0);
  REGISTER(CLK_REF_CTRL) = CLK_REF_CTRL_XOSC;
  wait_for(CLK_REF_SELECTED, UINT32_C(1) << CLK_REF_CTRL_XOSC);

  SET(RESETS_RESET) = RESETS_PLL_SYS;
  release(RESETS_PLL_SYS);
  REGISTER(PLL_CS) = 1; /* reference by 1 */
  REGISTER(PLL_FBDIV_INT) = PLL_TIMES;
  CLEAR(PLL_PWR) = PLL_POWER_DOWN;
  wait_for(PLL_CS, PLL_LOCK);
  REGISTER(PLL_PRIM) = PLL_BY_1 << 16 | PLL_BY_2 << 12;
  CLEAR(PLL_PWR) = PLL_POSTDIV_POWER_DOWN;

  CLEAR(CLK_SYS_CTRL) = CLK_SYS_CTRL_AUXSRC;
  SET(CLK_SYS_CTRL) = CLK_SYS_CTRL_AUX;
  wait_for(CLK_SYS_SELECTED, UINT32_C(1) << CLK_SYS_CTRL_AUX);
  REGISTER(CLK_PERI_CTRL) = CLK_PERI_CTRL_ENABLE;
}

/* The pad is isolated from reset on, and let go when all is set. */
static void connect(uint32_t pin, uint32_t pad, uint32_t function) {
  REGISTER(PADS_GPIO(pin)) = PADS_ISOLATED | pad;
  REGISTER(IO_GPIO_CTRL(pin)) = function;
  CLEAR(PADS_GPIO(pin)) = PADS_ISOLATED;
}

#ifdef FW_TRIGGER_PIN
#define TRIGGER_BIT (UINT32_C(1) << FW_TRIGGER_PIN)
_Static_assert(FW_TRIGGER_PIN < 30, "trigger: GP0 to GP29");

static void start_trigger(void) {
  SIO_GPIO_OUT_SET = TRIGGER_BIT;
  SIO_GPIO_OE_SET = TRIGGER_BIT;
  connect(FW_TRIGGER_PIN, PADS_4_MA, IO_FUNCTION_SIO);
}

void fw_platform_trigger(void) {
  SIO_GPIO_OUT_CLR = TRIGGER_BIT;
  for (uint32_t cycles = FW_TRIGGER_US * (FW_CLOCK_HZ / 1000000u); cycles; cycles--) {
    __asm__ volatile("nop");
  }
  SIO_GPIO_OUT_SET = TRIGGER_BIT;
}
#else
static void start_trigger(void) {}
#endif

void fw_platform_init(void) {
  start_clocks();
  release(RESETS_IO_BANK0 | RESETS_PADS_BANK0 | RESETS_UART0);
  UART_IBRD = BAUD_64THS / 64u;
  UART_FBRD = BAUD_64THS % 64u;
  UART_LCR_H = LCR_H_8_BITS_QUEUES; /* which takes the divider over */
  UART_CR = CR_ENABLE;
  connect(FW_UART_TX_PIN, PADS_4_MA | PADS_SCHMITT, IO_FUNCTION_UART);
  connect(FW_UART_RX_PIN, PADS_INPUT | PADS_PULL_UP | PADS_SCHMITT, IO_FUNCTION_UART);
  start_trigger();
  fw_counter_start();
}

void fw_platform_putchar(uint8_t byte) {
  while (UART_FR & FR_TX_FULL) {
  }
  UART_DR = byte;
}

int fw_platform_getchar(uint32_t timeout_us) {
  const uint32_t start = fw_platform_microseconds();
  while (UART_FR & FR_RX_EMPTY) {
    const uint32_t waited = fw_platform_microseconds() - start;
    if (timeout_us != FW_FOREVER && waited >= timeout_us) return FW_NO_BYTE;
  }
  return (int)(UART_DR & 0xFFu);
}

_Noreturn void fw_platform_end(void) {
  while (UART_FR & FR_BUSY) {
  }
  __asm__ volatile("cpsid i" ::: "memory");
  for (;;) __asm__ volatile("wfi");
}
