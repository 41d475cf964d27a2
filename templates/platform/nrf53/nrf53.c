/* nRF5340, the application core, which is secure after reset: trimming, clock and cache. The
 * flash needs no wait states to be set: the cache makes them rare.
 *
 * Registers and fields are those of Nordic's device headers nrf5340_application.h and
 * nrf5340_application_bitfields.h (nrfx, folder mdk), chapters FICR, UICR, CTRL-AP,
 * CLOCK and CACHE of the
 * product specification. That trimming is the firmware's to copy is from
 * system_nrf5340_application.c there. Its workarounds for early revisions of the chip are not here.
 */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "nrf.h"
#include "uarte.h"

/* FICR.TRIMCNF: pairs of the address of a register and what to write there, 32 at most. */
#define FICR_TRIMCNF ((const volatile uint32_t*)(uintptr_t)UINT32_C(0x00FF0300))
#define TRIMCNF_PAIRS 32
#define TRIMCNF_NONE UINT32_C(0xFFFFFFFF)

/* The network core has the like for its own port, which is for firmware of its own to open. */
#define UICR_APPROTECT UINT32_C(0x00FF8000)
#define UICR_SECUREAPPROTECT UINT32_C(0x00FF801C)
#define CTRLAP_APPROTECT_DISABLE UINT32_C(0x50006544)
#define CTRLAP_SECUREAPPROTECT_DISABLE UINT32_C(0x5000654C)

#define CLOCK_TASKS_HFCLKSTART NRF_REGISTER(UINT32_C(0x50005000))
#define CLOCK_EVENTS_HFCLKSTARTED NRF_REGISTER(UINT32_C(0x50005100))
#define CLOCK_HFCLKSRC NRF_REGISTER(UINT32_C(0x50005514))
#define CLOCK_HFCLKCTRL NRF_REGISTER(UINT32_C(0x50005558))
#define HFCLKSRC_HFXO UINT32_C(1)
#define HFCLKCTRL_128_MHZ UINT32_C(0)
#define HFCLKCTRL_64_MHZ UINT32_C(1)

#define CACHE_ENABLE NRF_REGISTER(UINT32_C(0x50001500))

_Static_assert(FW_CLOCK_HZ == 128000000u || FW_CLOCK_HZ == 64000000u,
               "clock_hz: an nRF5340 has 128 or 64 MHz");

static void trim(void) {
  for (int i = 0; i < 2 * TRIMCNF_PAIRS && FICR_TRIMCNF[i] != TRIMCNF_NONE; i += 2) {
    NRF_REGISTER(FICR_TRIMCNF[i]) = FICR_TRIMCNF[i + 1];
  }
}

void fw_platform_init(void) {
  nrf_open_debug_port(UICR_APPROTECT, CTRLAP_APPROTECT_DISABLE);
  nrf_open_debug_port(UICR_SECUREAPPROTECT, CTRLAP_SECUREAPPROTECT_DISABLE);
  trim();
  CLOCK_HFCLKCTRL = FW_CLOCK_HZ == 128000000u ? HFCLKCTRL_128_MHZ : HFCLKCTRL_64_MHZ;
  CLOCK_HFCLKSRC = HFCLKSRC_HFXO;
  CLOCK_TASKS_HFCLKSTART = 1;
  while (!CLOCK_EVENTS_HFCLKSTARTED) {
  }
  CACHE_ENABLE = 1; /* of the flash, which has wait states */
  nrf_pins_init();
  fw_uarte_init();
  fw_counter_start();
}
