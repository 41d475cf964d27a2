/* The commands of the serial protocol. */
#ifndef FW_COMMANDS_H
#define FW_COMMANDS_H

/* Carries out one command, which it takes apart, and prints all of its answer but m-ready. */
void fw_run_command(char* command);

/* The answer to `timestamp`: an edge of the trigger pin and, but in energy mode, a line. */
void fw_put_timestamp(void);

#endif
