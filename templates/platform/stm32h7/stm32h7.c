/* STM32H7A3, H7B3 and H7B0 at 280 MHz from the internal oscillator: it needs nothing of the board
 * but the inductor of the step-down converter, which the parts with Q have. Addresses, registers
 * and bits: ST's stm32h7a3xxq.h. Wait states: stm32h7xx_ll_utils.c of ST. The order of steps:
 * HAL_PWREx_ConfigSupply and HAL_PWREx_ControlVoltageScaling of stm32h7xx_hal_pwr_ex.c. Dividers of
 * the buses: Zephyr's nucleo_h7a3zi_q. Reference manual: RM0455. */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "stm32.h"

#define RCC UINT32_C(0x58024400)
#define RCC_CR (RCC + 0x00u)
#define CR_HSIRDY (1u << 2)
#define CR_PLL1ON (1u << 24)
#define CR_PLL1RDY (1u << 25)
#define RCC_CFGR (RCC + 0x10u)
#define CFGR_SW_PLL1 3u
#define CFGR_SWS_PLL1 (3u << 3)
#define RCC_CDCFGR1 (RCC + 0x18u)
#define CDCFGR1_CDPPRE_DIV2 (4u << 4)
#define RCC_CDCFGR2 (RCC + 0x1Cu)
#define CDCFGR2_CDPPRE12_DIV2 (4u << 8 | 4u << 4)
#define RCC_SRDCFGR (RCC + 0x20u)
#define SRDCFGR_SRDPPRE_DIV2 (4u << 4)
#define RCC_PLLCKSELR (RCC + 0x28u)
#define PLLCKSELR_MASK (63u << 4 | 3u) /* DIVM1, and the source, of which HSI is 0 */
#define RCC_PLLCFGR (RCC + 0x2Cu)
#define PLLCFGR_RGE_8_TO_16 (3u << 2)
#define PLLCFGR_VCO_FRACTION_MASK 3u /* both 0: the wide range, no fraction */
#define PLLCFGR_DIVP1EN (1u << 16)
#define RCC_PLL1DIVR (RCC + 0x30u)
#define PLL1DIVR_NP_MASK 0xFFFFu
#define RCC_AHB4ENR (RCC + 0x140u) /* a bit for each port, A is bit 0 */
#define RCC_APB1LENR (RCC + 0x148u)
#define APB1LENR_USART3 (1u << 18)

#define PWR UINT32_C(0x58024800)
#define PWR_CSR1 (PWR + 0x04u)
#define CSR1_ACTVOSRDY (1u << 13)
#define PWR_CR3 (PWR + 0x0Cu)
#define CR3_SUPPLY_MASK 0x3Fu
#define CR3_UNSET (1u << 2 | 1u << 1) /* SMPSEN, LDOEN: as after power-on */
#define CR3_DIRECT_SMPS (1u << 2)
#define PWR_SRDCR (PWR + 0x18u)
#define SRDCR_VOSRDY (1u << 13)
#define SRDCR_VOS0 (3u << 14)

#define FLASH_ACR UINT32_C(0x52002000)
#define ACR_LATENCY 6u /* 264 to 280 MHz at VOS0 */
#define ACR_LATENCY_MASK 15u
#define DBGMCU_CR UINT32_C(0x5C001004)
#define DBGMCU_CR_CKCDEN (1u << 21)

/* HSI of 64 MHz / 8 * 35 / 1 = 280 MHz. The fields of N and P hold one less. */
#define PLL_M 8u
#define PLL_N 35u
#define PLL_P 1u

#if FW_CLOCK_HZ != 280000000
#error "clock_hz of the board file: 280000000 on an STM32H7A3"
#endif

/* The supply can be chosen once after power-on, and a reset keeps it. Up to then memory is not said
 * to take what is written; ST's own start-up code relies on it as this one does. */
static void raise_voltage(void) {
  if ((STM32_REGISTER(PWR_CR3) & CR3_SUPPLY_MASK) == CR3_UNSET)
    stm32_modify(PWR_CR3, CR3_SUPPLY_MASK, CR3_DIRECT_SMPS);
  stm32_wait(PWR_CSR1, CSR1_ACTVOSRDY);
  STM32_REGISTER(PWR_SRDCR) |= SRDCR_VOS0;
  stm32_wait(PWR_SRDCR, SRDCR_VOSRDY);
  stm32_wait(PWR_CSR1, CSR1_ACTVOSRDY);
}

static void raise_clock(void) {
  stm32_modify(FLASH_ACR, ACR_LATENCY_MASK, ACR_LATENCY);
  stm32_wait(FLASH_ACR, ACR_LATENCY);
  stm32_wait(RCC_CR, CR_HSIRDY);
  stm32_modify(RCC_PLLCKSELR, PLLCKSELR_MASK, PLL_M << 4);
  stm32_modify(RCC_PLLCFGR, PLLCFGR_VCO_FRACTION_MASK, PLLCFGR_DIVP1EN | PLLCFGR_RGE_8_TO_16);
  stm32_modify(RCC_PLL1DIVR, PLL1DIVR_NP_MASK, (PLL_P - 1u) << 9 | (PLL_N - 1u));
  STM32_REGISTER(RCC_CR) |= CR_PLL1ON;
  stm32_wait(RCC_CR, CR_PLL1RDY);
  STM32_REGISTER(RCC_CDCFGR1) = CDCFGR1_CDPPRE_DIV2; /* the core and AHB undivided */
  STM32_REGISTER(RCC_CDCFGR2) = CDCFGR2_CDPPRE12_DIV2;
  STM32_REGISTER(RCC_SRDCFGR) = SRDCFGR_SRDPPRE_DIV2;
  STM32_REGISTER(RCC_CFGR) |= CFGR_SW_PLL1;
  stm32_wait(RCC_CFGR, CFGR_SWS_PLL1);
}

void fw_platform_init(void) {
  raise_voltage();
  raise_clock();
  STM32_REGISTER(RCC_AHB4ENR) |= STM32_PORT_BITS;
  STM32_REGISTER(RCC_APB1LENR) |= APB1LENR_USART3;
  (void)STM32_REGISTER(RCC_APB1LENR); /* two cycles until a clock is there */
  stm32_io_init();
  STM32_REGISTER(DBGMCU_CR) |= DBGMCU_CR_CKCDEN; /* the cycle counter runs without a debugger */
  fw_counter_start();
}
