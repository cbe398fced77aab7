// A floating-point kernel: planets that attract each other, in scalar double precision. The argument is the number of steps.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { bodies = 5 };
static double at[bodies][3], speed[bodies][3], mass[bodies];

static void advance(double dt) {
	for (int i = 0; i < bodies; i++)
		for (int j = i + 1; j < bodies; j++) {
			double d[3], square = 0;
			for (int k = 0; k < 3; k++) d[k] = at[i][k] - at[j][k], square += d[k] * d[k];
			double force = dt / (square * sqrt(square));
			for (int k = 0; k < 3; k++) speed[i][k] -= d[k] * mass[j] * force, speed[j][k] += d[k] * mass[i] * force;
		}
	for (int i = 0; i < bodies; i++)
		for (int k = 0; k < 3; k++) at[i][k] += dt * speed[i][k];
}

int main(int argc, char **argv) {
	long steps = argc > 1 ? atol(argv[1]) : 1000;
	for (int i = 0; i < bodies; i++) {
		mass[i] = 1.0 / (i + 1);
		for (int k = 0; k < 3; k++) at[i][k] = (i + 1) * cos(i * 3 + k), speed[i][k] = sin(i + k * 2) / 10;
	}
	for (long i = 0; i < steps; i++) advance(0.001);
	printf("%.9f %.9f\n", at[0][0], speed[4][2]);
}
