/* Registers of the Ethos-U55, U65 and U85: offsets and bits, by their names in Arm's manuals
 * (102420, 102023, 102685). */
#ifndef FW_NPU_REGISTERS_H
#define FW_NPU_REGISTERS_H

#include <stdint.h>

#include "fw_board.h"
#include "fw_npu_access.h"

/* Who the NPU acts for on the bus. */
#ifndef FW_NPU_SECURE
#define FW_NPU_SECURE 1
#endif
#ifndef FW_NPU_PRIVILEGED
#define FW_NPU_PRIVILEGED 1
#endif

#define NPU_U55 0u
#define NPU_U65 1u
#define NPU_U85 2u

#define NPU_ID 0x00u
#define NPU_STATUS 0x04u
#define NPU_CMD 0x08u
#define NPU_RESET 0x0Cu
#define NPU_QBASE 0x10u
#define NPU_QBASE_HI 0x14u
#define NPU_QREAD 0x18u
#define NPU_QCONFIG 0x1Cu
#define NPU_QSIZE 0x20u
#define NPU_PROT 0x24u
#define NPU_CONFIG 0x28u
#define NPU_POWER_CTRL 0x38u /* U85 */
#define NPU_REGIONCFG 0x3Cu
#define NPU_AXI_LIMIT(n) (0x40u + 4u * (n)) /* U55, U65; 4 of them */
#define NPU_MEM_ATTR(n) (0x40u + 4u * (n))  /* U85; 4 of them */
#define NPU_AXI_SRAM 0x50u                  /* U85 */
#define NPU_AXI_EXT 0x54u                   /* U85 */
#define NPU_BASEP(n) (0x80u + 8u * (n))
#define NPU_BASEP_HI(n) (0x84u + 8u * (n))

#if FW_NPU_PRODUCT == 2
#define NPU_PMU 0x1000u
#else
#define NPU_PMU 0u
#endif
#define NPU_PMCR (NPU_PMU + 0x180u)
#define NPU_PMCNTENSET (NPU_PMU + 0x184u)
#define NPU_PMCNTENCLR (NPU_PMU + 0x188u)
#define NPU_PMOVSSET (NPU_PMU + 0x18Cu)
#define NPU_PMOVSCLR (NPU_PMU + 0x190u)
#define NPU_PMCCNTR (NPU_PMU + 0x1A0u)
#define NPU_PMCCNTR_HI (NPU_PMU + 0x1A4u)
#define NPU_PMCCNTR_CFG (NPU_PMU + 0x1A8u)
#define NPU_PMEVCNTR(n) (NPU_PMU + 0x300u + 4u * (n))
#define NPU_PMEVTYPER(n) (NPU_PMU + 0x380u + 4u * (n))

#define STATUS_IRQ_RAISED (UINT32_C(1) << 1)
#define STATUS_BUS_ERROR (UINT32_C(1) << 2)
#define STATUS_RESETTING (UINT32_C(1) << 3)
#define STATUS_PARSE_ERROR (UINT32_C(1) << 4)
#define STATUS_END_REACHED (UINT32_C(1) << 5)
#define STATUS_WEIGHT_FAULT (UINT32_C(1) << 7) /* U55, U65: of the weight decoder */
#define STATUS_ECC_FAULT (UINT32_C(1) << 8)
#define STATUS_BRANCH_FAULT (UINT32_C(1) << 9) /* U85 */

#define CMD_RUN (UINT32_C(1) << 0)
#define CMD_CLEAR_IRQ (UINT32_C(1) << 1)
#define CMD_MAY_SLEEP (UINT32_C(3) << 2) /* clock and power may be taken away while idle */

#endif
