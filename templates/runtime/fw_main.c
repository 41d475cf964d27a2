#include "fw_main.h"

#include "fw_board.h"
#include "fw_canary.h"
#include "fw_commands.h"
#include "fw_fault.h"
#include "fw_inference.h"
#include "fw_line.h"
#include "fw_model.h"
#include "fw_platform.h"

#ifdef FW_ENERGY_MODE
#define TIMESTAMP_MODE "m-timestamp-mode-energy"
#else
#define TIMESTAMP_MODE "m-timestamp-mode-performance"
#endif

_Noreturn void fw_main(void) {
  static char command[FW_COMMAND_BYTES];

  fw_platform_init();
  fw_put_line(TIMESTAMP_MODE);
  fw_put_timestamp();
  if (!fw_model_check_constants()) fw_fail("constants");
  fw_canary_fill();
  const int32_t op = fw_model_check();
  if (op >= 0) {
    fw_model_current_op = op;
    fw_fail("scratch-size");
  }
  fw_calibrate();
  fw_put_line("m-init-done");
  for (;;) {
    fw_put_line("m-ready");
    const uint32_t length = fw_read_command(command);
    if (length == FW_COMMAND_BYTES) {
      fw_put_error("Command too long");
    } else if (length) {
      fw_run_command(command);
    }
  }
}
