/* launch.c -- a program in the sandbox of ringbackd.service, where no systemd
 * runs: what the unit promises to the daemon, the tests try.
 *
 *	RINGBACK_SANDBOX=CALLS launch PROGRAM ARGUMENT ...
 *
 * CALLS is a file of system calls (calls.sh); all others fail with EPERM, as
 * the unit has it.  No capabilities, no new privileges, no memory that is both
 * written and run, only sockets of the families AF_UNIX, AF_INET and AF_INET6,
 * no namespaces.  With RINGBACK_SANDBOX_WRITE=FOLDER nothing can be written to
 * but that folder. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <mntent.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
must(int holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
	exit(126);
}

/* ---- the files ---------------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
	     path);
	(void)close(fd);
}

/* Who is not root may have mounts of his own in a user namespace of his own. */
static void
own_mounts(void)
{
	char map[64];
	unsigned uid = (unsigned)geteuid(), gid = (unsigned)getegid();

	must(unshare(CLONE_NEWNS | (uid != 0 ? CLONE_NEWUSER : 0)) == 0,
	     "unshare");
	if (uid == 0)
		return;
	(void)snprintf(map, sizeof map, "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", map);
	write_file("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof map, "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", map);
}

/* ProtectSystem=strict leaves these to other settings. */
static int
is_system(const char *folder)
{
	return strncmp(folder, "/proc", 5) == 0 ||
	       strncmp(folder, "/sys", 4) == 0 ||
	       strncmp(folder, "/dev", 4) == 0;
}

static void
protect_files(const char *writable)
{
	FILE *f;
	const struct mntent *m;

	own_mounts();
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	must(mount(writable, writable, NULL, MS_BIND, NULL) == 0, writable);
	f = setmntent("/proc/self/mounts", "re");
	must(f != NULL, "/proc/self/mounts");
	while ((m = getmntent(f)) != NULL) {
		unsigned long keep = (hasmntopt(m, "nosuid") ? MS_NOSUID : 0) |
				     (hasmntopt(m, "nodev") ? MS_NODEV : 0) |
				     (hasmntopt(m, "noexec") ? MS_NOEXEC : 0);

		if (is_system(m->mnt_dir) || strcmp(m->mnt_dir, writable) == 0)
			continue;
		must(mount(NULL, m->mnt_dir, NULL,
			   MS_REMOUNT | MS_BIND | MS_RDONLY | keep,
			   NULL) == 0 ||
			 errno == ENOENT || errno == EINVAL,
		     m->mnt_dir);
	}
	(void)endmntent(f);
}

/* ---- the rights --------------------------------------------------------- */

static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
						 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	for (int cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	must(syscall(SYS_capset, &head, none) == 0, "capset");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
}

/* ---- the system calls --------------------------------------------------- */

/* MemoryDenyWriteExecute, RestrictAddressFamilies and RestrictNamespaces are
 * filters of their own beside the list, as systemd has them. */
static void
restrict_arguments(void)
{
	static const unsigned long spaces[] = { CLONE_NEWNS,  CLONE_NEWCGROUP,
						CLONE_NEWUTS, CLONE_NEWIPC,
						CLONE_NEWPID, CLONE_NEWNET,
						CLONE_NEWUSER };
	const uint32_t no = SCMP_ACT_ERRNO(EPERM),
		       family = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	const unsigned long both = PROT_WRITE | PROT_EXEC;
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	int rc = c == NULL;

	rc |= seccomp_rule_add(c, no, SCMP_SYS(mmap), 1,
			       SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));
	rc |=
	    seccomp_rule_add(c, no, SCMP_SYS(mprotect), 1,
			     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
	rc |= seccomp_rule_add(c, no, SCMP_SYS(shmat), 1,
			       SCMP_A2(SCMP_CMP_MASKED_EQ, SHM_EXEC, SHM_EXEC));
	for (unsigned i = 0; i < sizeof spaces / sizeof *spaces; i++)
		rc |= seccomp_rule_add(
		    c, no, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, spaces[i], spaces[i]));
	rc |= seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	for (unsigned f = 0; f < AF_INET6; f++) {
		if (f != AF_UNIX && f != AF_INET)
			rc |= seccomp_rule_add(c, family, SCMP_SYS(socket), 1,
					       SCMP_A0(SCMP_CMP_EQ, f));
	}
	rc |= seccomp_rule_add(c, family, SCMP_SYS(socket), 1,
			       SCMP_A0(SCMP_CMP_GT, AF_INET6));
	must(rc == 0 && seccomp_load(c) == 0, "the filter of arguments");
	seccomp_release(c);
}

static void
restrict_calls(const char *path)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	FILE *f = path != NULL ? fopen(path, "re") : NULL;
	char name[128];
	int calls = 0;

	must(f != NULL, "RINGBACK_SANDBOX must be a file of system calls");
	must(c != NULL, "seccomp_init");
	while (fgets(name, sizeof name, f) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		/* Names of other processors' calls are none here. */
		if (seccomp_rule_add(c, SCMP_ACT_ALLOW,
				     seccomp_syscall_resolve_name(name),
				     0) == 0)
			calls++;
	}
	(void)fclose(f);
	must(calls > 50, "the list of system calls is too short");
	must(seccomp_load(c) == 0, "the filter of system calls");
	seccomp_release(c);
}

int
main(int argc, char **argv)
{
	const char *writable = getenv("RINGBACK_SANDBOX_WRITE");
	const char *calls = getenv("RINGBACK_SANDBOX");

	if (argc < 2) {
		(void)fputs("usage: launch PROGRAM ARGUMENT ...\n", stderr);
		return 2;
	}
	if (writable != NULL)
		protect_files(writable);
	drop_capabilities();
	restrict_arguments();
	restrict_calls(calls);
	(void)execv(argv[1], argv + 1);
	must(0, argv[1]);
}
