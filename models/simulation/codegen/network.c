#include <string.h>
#include <math.h>

/* `real` is one number, or LANES of them side by side.
   WIDE(x)      a number in all lanes
   TIMES(a, b)  a b, and 0 where a is, even if b is no number there
   ANY(a)       whether it is worth the while to go on with a
   NONE(a)      whether nothing can be divided by a; lanes are looked at in the end */
#ifdef LANES
#define ALIGNED _Alignas(64)
typedef double real __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));
typedef long long bits __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));
#define WIDE(x) ((x) + (real){0})
#define TIMES(a, b) ((real)((bits)((a) * (b)) & ((a) != 0.0)))
#define ANY(a) 1
#define NONE(a) 0
static real POW(real x, double power) {
    for (int i = 0; i < LANES; i++) x[i] = pow(x[i], power);
    return x;
}
#else
#define ALIGNED
typedef double real;
#define WIDE(x) (x)
#define TIMES(a, b) ((a) * (b))
#define ANY(a) ((a) != 0.0)
#define NONE(a) (!(fabs(a) > 1e-300))
#define POW pow
#endif
