/* RA8D1, from reset to the first line that it says. */
#include "ra8.h"

#include "core_counter.h"
#include "fw_platform.h"

void fw_platform_init(void) {
  ra8_start_clocks();
  ra8_pins_init();
  ra8_sci_init();
  fw_counter_start();
}
