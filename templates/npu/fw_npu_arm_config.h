/* What Arm's driver is compiled with, included before its sources. */
#ifndef FW_NPU_ARM_CONFIG_H
#define FW_NPU_ARM_CONFIG_H

#include "fw_board.h"
#include "fw_npu_parts.h"

#define ETHOSU_LOG_ENABLE 0
#define ETHOSU_LOG_SEVERITY 0
#define ETHOSU_SEMAPHORE_WAIT_INFERENCE FW_NPU_TIMEOUT_US

#if FW_NPU_PRODUCT == 0
#define ETHOSU55 1
#define ETHOSU_ARCH u55
#elif FW_NPU_PRODUCT == 1
#define ETHOSU65 1
#define ETHOSU_ARCH u65
#else
#define ETHOSU85 1
#define ETHOSU_ARCH u85
#endif

#define FW_NPU_REGION(n) (FW_NPU_REGIONCFG >> (2 * (n)) & 3u)
#define NPU_QCONFIG FW_NPU_QCONFIG
#define NPU_REGIONCFG_0 FW_NPU_REGION(0)
#define NPU_REGIONCFG_1 FW_NPU_REGION(1)
#define NPU_REGIONCFG_2 FW_NPU_REGION(2)
#define NPU_REGIONCFG_3 FW_NPU_REGION(3)
#define NPU_REGIONCFG_4 FW_NPU_REGION(4)
#define NPU_REGIONCFG_5 FW_NPU_REGION(5)
#define NPU_REGIONCFG_6 FW_NPU_REGION(6)
#define NPU_REGIONCFG_7 FW_NPU_REGION(7)

#endif
