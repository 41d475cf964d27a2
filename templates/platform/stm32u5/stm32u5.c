/* STM32U5 at 160 MHz from its internal oscillator: it needs nothing of the board. For chips as they
 * are shipped, without TrustZone (TZEN = 0). Addresses, registers and bits: ST's stm32u575xx.h,
 * those with _NS. Wait states and the order of steps: the table and HAL_RCC_OscConfig of ST's
 * stm32u5xx_hal_rcc.c, HAL_PWREx_ControlVoltageScaling and HAL_PWREx_ConfigSupply of
 * stm32u5xx_hal_pwr_ex.c. Reference manual: RM0456. */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "stm32.h"

#define RCC UINT32_C(0x46020C00)
#define RCC_CR (RCC + 0x00u)
#define CR_HSION (1u << 8)
#define CR_HSIRDY (1u << 10)
#define CR_PLL1ON (1u << 24)
#define CR_PLL1RDY (1u << 25)
#define RCC_CFGR1 (RCC + 0x1Cu)
#define CFGR1_SW_PLL 3u
#define CFGR1_SWS_PLL (3u << 2)
#define RCC_PLL1CFGR (RCC + 0x28u)
#define PLL1CFGR_HSI 2u
#define PLL1CFGR_RGE_8_TO_16 (3u << 2)
#define PLL1CFGR_REN (1u << 18)
#define RCC_PLL1DIVR (RCC + 0x34u)
#define RCC_AHB2ENR1 (RCC + 0x8Cu) /* a bit for each port, A is bit 0 */
#define RCC_AHB3ENR (RCC + 0x94u)
#define AHB3ENR_PWR (1u << 2)
#define RCC_APB2ENR (RCC + 0xA4u)
#define APB2ENR_USART1 (1u << 14)

#define PWR UINT32_C(0x46020800)
#define PWR_CR3 (PWR + 0x08u)
#define CR3_REGSEL (1u << 1) /* SMPS in place of LDO */
#define PWR_VOSR (PWR + 0x0Cu)
#define VOSR_BOOSTRDY (1u << 14)
#define VOSR_VOSRDY (1u << 15)
#define VOSR_RANGE_1 (3u << 16)
#define VOSR_BOOSTEN (1u << 18)
#define PWR_SVMSR (PWR + 0x3Cu)
#define SVMSR_REGS (1u << 1)

#define FLASH_ACR UINT32_C(0x40022000)
#define ACR_LATENCY 4u /* 128 to 160 MHz in range 1 */
#define ACR_LATENCY_MASK 15u
#define ACR_PREFETCH (1u << 8)
#define ICACHE_CR UINT32_C(0x40030400)
#define ICACHE_SR UINT32_C(0x40030404)
#define ICACHE_CR_EN 1u
#define ICACHE_SR_BUSYF 1u

/* HSI of 16 MHz / 1 * 20 / 2 = 160 MHz. Fields hold one less; P and Q, which are off, are 2. The
 * booster's clock is HSI undivided (PLL1MBOOST 0): 4 to 16 MHz are allowed. */
#define PLL_M 1u
#define PLL_N 20u
#define PLL_R 2u

#if FW_CLOCK_HZ != 160000000
#error "clock_hz of the board file: 160000000 on an STM32U5"
#endif

/* Range 1 before the booster, and both before the PLL. */
static void raise_voltage(void) {
  STM32_REGISTER(PWR_CR3) |= CR3_REGSEL;
  stm32_wait(PWR_SVMSR, SVMSR_REGS);
  STM32_REGISTER(PWR_VOSR) |= VOSR_RANGE_1;
  stm32_wait(PWR_VOSR, VOSR_VOSRDY);
}

static void raise_clock(void) {
  stm32_modify(FLASH_ACR, ACR_LATENCY_MASK, ACR_LATENCY | ACR_PREFETCH);
  stm32_wait(FLASH_ACR, ACR_LATENCY);
  STM32_REGISTER(RCC_CR) |= CR_HSION;
  stm32_wait(RCC_CR, CR_HSIRDY);
  STM32_REGISTER(RCC_PLL1CFGR) =
      PLL1CFGR_REN | (PLL_M - 1u) << 8 | PLL1CFGR_RGE_8_TO_16 | PLL1CFGR_HSI;
  STM32_REGISTER(RCC_PLL1DIVR) = (PLL_R - 1u) << 24 | 1u << 16 | 1u << 9 | (PLL_N - 1u);
  STM32_REGISTER(PWR_VOSR) |= VOSR_BOOSTEN;
  stm32_wait(PWR_VOSR, VOSR_BOOSTRDY);
  STM32_REGISTER(RCC_CR) |= CR_PLL1ON;
  stm32_wait(RCC_CR, CR_PLL1RDY);
  STM32_REGISTER(RCC_CFGR1) |= CFGR1_SW_PLL;
  stm32_wait(RCC_CFGR1, CFGR1_SWS_PLL);
}

/* The cache is empty after reset, once it is no longer busy with that. */
static void enable_cache(void) {
  while (STM32_REGISTER(ICACHE_SR) & ICACHE_SR_BUSYF) {
  }
  STM32_REGISTER(ICACHE_CR) |= ICACHE_CR_EN;
}

void fw_platform_init(void) {
  STM32_REGISTER(RCC_AHB3ENR) |= AHB3ENR_PWR;
  (void)STM32_REGISTER(RCC_AHB3ENR); /* two cycles until a clock is there */
  raise_voltage();
  raise_clock();
  enable_cache();
  STM32_REGISTER(RCC_AHB2ENR1) |= STM32_PORT_BITS;
  STM32_REGISTER(RCC_APB2ENR) |= APB2ENR_USART1;
  (void)STM32_REGISTER(RCC_APB2ENR);
  stm32_io_init();
  fw_counter_start();
}
