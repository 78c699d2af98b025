/* main.c -- the command ringback. */
#include "client/command.h"

int
main(int argc, char **argv)
{
	return command_run(argc, argv);
}
