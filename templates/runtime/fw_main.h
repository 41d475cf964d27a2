/* Where the platform hands over once memory is set up. */
#ifndef FW_MAIN_H
#define FW_MAIN_H

/* Boot lines, then commands for ever. */
_Noreturn void fw_main(void);

#endif
