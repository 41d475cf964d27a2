/* nRF52840: the crystal and the cache of the flash. The core has 64 MHz from reset on, without a
 * PLL to set up, and the flash needs no wait states to be set: only how seldom they are waited for,
 * by the cache.
 *
 * Registers and fields are those of Nordic's device headers nrf52840.h and nrf52840_bitfields.h
 * (nrfx, folder mdk), chapters CLOCK, NVMC, UICR and
 * APPROTECT of the product specification.
 */
#include "core_counter.h"
#include "fw_platform.h"
#include "nrf.h"
#include "uarte.h"

#define CLOCK_TASKS_HFCLKSTART NRF_REGISTER(UINT32_C(0x40000000))
#define CLOCK_EVENTS_HFCLKSTARTED NRF_REGISTER(UINT32_C(0x40000100))

/* Chips up to the fourth revision have no APPROTECT.DISABLE, and are open when erased: the header
 * nrf52_erratas.h, nrf52_configuration_249, knows them by this word of FICR. */
#define FICR_REVISION NRF_REGISTER(UINT32_C(0x10000134))
#define FIRST_WITH_DISABLE 5u
#define UICR_APPROTECT UINT32_C(0x10001208)
#define APPROTECT_DISABLE UINT32_C(0x40000558)

#define NVMC_ICACHECNF NRF_REGISTER(UINT32_C(0x4001E540))
#define NVMC_ICACHECNF_CACHEEN UINT32_C(1)

void fw_platform_init(void) {
  if (FICR_REVISION >= FIRST_WITH_DISABLE) {
    nrf_open_debug_port(UICR_APPROTECT, APPROTECT_DISABLE);
  }
  CLOCK_TASKS_HFCLKSTART = 1;
  while (!CLOCK_EVENTS_HFCLKSTARTED) {
  }
  NVMC_ICACHECNF = NVMC_ICACHECNF_CACHEEN;
  nrf_pins_init();
  fw_uarte_init();
  fw_counter_start();
}
