/* nRF5340, application core, secure: what nrf_pins.c and nrf_debug_port.c need to know. Source:
 * Nordic's nrf5340_application.h and nrf5340_application_bitfields.h (nrfx, folder mdk). */
#ifndef NRF_FAMILY_H
#define NRF_FAMILY_H

#include <stdint.h>

#define NRF_PORTS UINT32_C(0x50842504) /* OUT of NRF_P0_S */
#define NRF_NVMC UINT32_C(0x50039000)  /* NRF_NVMC_S */

#define NRF_UNPROTECTED UINT32_C(0x50FA50FA) /* UICR.APPROTECT, UICR.SECUREAPPROTECT */

#endif
