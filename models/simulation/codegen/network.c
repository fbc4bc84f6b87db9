#include <string.h>
#include <math.h>

/* `real` is LANES numbers side by side.
   WIDE(x)      a number in all lanes
   TIMES(a, b)  a b, and 0 where a is, even if b is no number there */
#define ALIGNED _Alignas(64)
typedef double real __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));
typedef long long bits __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));
#define WIDE(x) ((x) + (real){0})
#define TIMES(a, b) ((real)((bits)((a) * (b)) & ((a) != 0.0)))
static real POW(real x, double power) {
    for (int i = 0; i < LANES; i++) x[i] = pow(x[i], power);
    return x;
}
