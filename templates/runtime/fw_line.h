/* Lines of the serial protocol: output with its checksum, input of one command. */
#ifndef FW_LINE_H
#define FW_LINE_H

#include <stdint.h>

#define FW_COMMAND_BYTES 80u /* with the terminating zero */

void fw_put_char(char c);
void fw_put_text(const char* text);

/* Ends the line with CR LF. */
void fw_end_line(void);

/* Checked lines from now on answer the command with this mark, 0 for one without. */
void fw_mark_answer(uint32_t mark);

/* Ends the line with '@', the mark and that of the command before if the command has one, then '*',
 * the CRC-16 of what the line holds, and CR LF. */
void fw_end_checked_line(void);

/* The same after a ']'. */
void fw_close_checked_line(void);

/* One whole line. */
void fw_put_line(const char* text);

/* e-[sentence] */
void fw_put_error(const char* sentence);

/* Ends a line that was left unfinished, if there is one. */
void fw_finish_line(void);

/* Waits for a command and stores it without its '%' and leading spaces as a string, noise shown as
 * '?'. Returns its length, or FW_COMMAND_BYTES for one that was too long, of which nothing is kept.
 */
uint32_t fw_read_command(char command[FW_COMMAND_BYTES]);

#endif
