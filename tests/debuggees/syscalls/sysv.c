// Proves: System V shared memory between two processes, semaphores that block, messages with types, and IPC_STAT.
#include "../debuggee.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

int main(void) {
	int shm = shmget(IPC_PRIVATE, 8192, 0600), sem = semget(IPC_PRIVATE, 2, 0600), msg = msgget(IPC_PRIVATE, 0600);
	CHECK(shm >= 0 && sem >= 0 && msg >= 0);
	mix(shm), mix(sem), mix(msg);
	char *p = shmat(shm, NULL, 0);
	CHECK(p != (void *)-1);
	mix((uintptr_t)p);
	struct shmid_ds sd;
	FILL(sd);
	CHECK(shmctl(shm, IPC_STAT, &sd) == 0 && sd.shm_nattch == 1 && shmctl(shm, IPC_RMID, NULL) == 0);
	MIX(sd);
	CHECK(semctl(sem, 0, SETVAL, (union semun){.val = 0}) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		strcpy(p + 5000, "shared words");
		struct sembuf up = {0, 1, 0};
		CHECK(semop(sem, &up, 1) == 0);
		nap(10);
		struct {
			long type;
			char text[20];
		} m = {7, "a message"};
		CHECK(msgsnd(msg, &m, 10, 0) == 0);
		CHECK(shmdt(p) == 0);
		_exit(0);
	}
	struct sembuf down = {0, -1, SEM_UNDO};
	CHECK(semop(sem, &down, 1) == 0); // blocks
	CHECK(strcmp(p + 5000, "shared words") == 0);
	mix_mem(p, 8192);
	struct sembuf no = {0, -1, 0};
	CHECK(semtimedop(sem, &no, 1, &(struct timespec){0, 3000000}) == -1 && errno == EAGAIN);
	unsigned short all[4];
	FILL(all);
	CHECK(semctl(sem, 0, GETALL, (union semun){.array = all}) == 0);
	MIX(all);
	struct semid_ds semds;
	FILL(semds);
	CHECK(semctl(sem, 0, IPC_STAT, (union semun){.buf = &semds}) == 0);
	MIX(semds);
	mix(semctl(sem, 0, GETPID)), mix(semctl(sem, 0, GETNCNT));
	ok("shm and sem");
	struct {
		long type;
		char text[60];
	} m;
	FILL(m);
	CHECK(msgrcv(msg, &m, 60, 7, 0) == 10 && m.type == 7 && strcmp(m.text, "a message") == 0); // blocks
	MIX(m);
	struct msqid_ds md;
	FILL(md);
	CHECK(msgctl(msg, IPC_STAT, &md) == 0);
	MIX(md);
	reap(kid);
	CHECK(msgctl(msg, IPC_RMID, NULL) == 0 && semctl(sem, 0, IPC_RMID) == 0);
	CHECK(shmdt(p) == 0);
	ok("msg");
}
