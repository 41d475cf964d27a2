/* A job that failed ends the run, like any other fault. */
#include "fw_fault.h"
#include "fw_npu.h"

void fw_npu_failed(const fw_npu_report* report) {
  const fw_fault_word words[] = {
      {"npu_status", report->status},
      {"npu_qread", report->qread},
      {"npu_config", report->config},
      {"npu_wanted", report->wanted},
  };
  const fw_fault fault = {
      .name = report->name,
      .pc = (uint32_t)(uintptr_t)__builtin_return_address(0),
      .words = words,
      .word_count = sizeof words / sizeof *words,
  };
  fw_fault_end(&fault);
}
