/* The debug port of later chips of Nordic's is closed from each reset on, and what is erased stays
 * closed: a debugger would have to erase the whole chip before it writes it once more. To keep it
 * open, UICR.APPROTECT has to hold a certain value, and firmware has to write the same to
 * APPROTECT.DISABLE after each reset. Source: Nordic, "Enabling access port protection mechanism"
 * in the documentation of the nRF Connect SDK; nrf52_handle_approtect and nrf53_handle_approtect of
 * system_nrf52_approtect.h and system_nrf53_approtect.h (nrfx, folder mdk). Chapters UICR, NVMC,
 * and CTRL-AP or APPROTECT of the product specifications.
 */
#include "nrf.h"
#include "nrf_family.h"

#define NVMC_READY NRF_REGISTER(NRF_NVMC + 0x400u)
#define NVMC_CONFIG NRF_REGISTER(NRF_NVMC + 0x504u)
#define NVMC_CONFIG_WRITE UINT32_C(1)
#define NVMC_CONFIG_READ UINT32_C(0)
#define ERASED UINT32_C(0xFFFFFFFF)

static void configure_flash(uint32_t access) {
  NVMC_CONFIG = access;
  while (!NVMC_READY) {
  }
}

static void write_flash(uint32_t address, uint32_t value) {
  configure_flash(NVMC_CONFIG_WRITE);
  NRF_REGISTER(address) = value;
  while (!NVMC_READY) {
  }
  configure_flash(NVMC_CONFIG_READ);
}

/* Only what is erased is written: an owner who has locked the chip has written something else. */
void nrf_open_debug_port(uint32_t uicr, uint32_t disable) {
  if (NRF_REGISTER(uicr) == ERASED) write_flash(uicr, NRF_UNPROTECTED);
  NRF_REGISTER(disable) = NRF_REGISTER(uicr);
}
