/* command.h -- the command ringback: its verbs, its options, its exit codes. */
#ifndef RB_CLIENT_COMMAND_H
#define RB_CLIENT_COMMAND_H

/* command_run: what main does; returns the exit code. */
int command_run(int argc, char **argv);

#endif
