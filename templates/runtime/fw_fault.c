#include "fw_fault.h"

#include "fw_format.h"
#include "fw_line.h"
#include "fw_model.h"
#include "fw_platform.h"

#define END_OF_TRANSMISSION 0x04u

_Noreturn void fw_end(void) {
  fw_put_text("m-fw-end");
  fw_end_checked_line();
  fw_platform_putchar(END_OF_TRANSMISSION);
  fw_platform_end();
}

static void put_field(const char* name, uint32_t value) {
  fw_put_text(" ");
  fw_put_text(name);
  fw_put_text("=");
  fw_put_hex(value, 8);
}

_Noreturn void fw_fault_end(const fw_fault* fault) {
  fw_finish_line(); /* the fault may have come in the middle of one */
  fw_put_text("e-[fault ");
  fw_put_text(fault->name);
  put_field("pc", fault->pc);
  put_field("lr", fault->lr);
  put_field("cfsr", fault->cfsr);
  put_field("hfsr", fault->hfsr);
  put_field("mmfar", fault->mmfar);
  put_field("bfar", fault->bfar);
  put_field("psr", fault->psr);
  fw_put_text(" op=");
  fw_put_signed(fw_model_current_op);
  for (uint32_t i = 0; i < fault->word_count; i++) {
    put_field(fault->words[i].name, fault->words[i].value);
  }
  fw_put_line("]");
  fw_end();
}

_Noreturn void fw_fail_at(const char* name, uint32_t pc) {
  const fw_fault fault = {.name = name, .pc = pc};
  fw_fault_end(&fault);
}
