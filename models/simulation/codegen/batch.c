/* Many cells in one instruction: to the steady state, forward in time, and back; LANES of them, each with parameters of
   its own. A lane in which something is no number ends in one, and touches no other.

   Forward: RODAS, an L-stable Rosenbrock method of order four with six stages (Hairer & Wanner, Solving Ordinary
   Differential Equations II, 1996, IV.7, Table 7.2 and the form (7.25)):
     (1/(h gamma) - J) k_s = f(y + sum_j A_sj k_j) + sum_j C_sj/h k_j,   y' = y + sum_j A_5j k_j + k_5;
   k_5 is the difference to the embedded solution of order three, from which the error of a step is estimated.

   Back: the discrete adjoint of an L-stable, diagonally implicit method of order two (Alexander 1977, SIAM J Numer Anal
   14:1006), linear with the Jacobian J at the middle of each step. With g = GAMMA h, e = h - g and lambda' at its end,
     (1 - g J') x = lambda',  (1 - g J') u = e J' x,  lambda = x + u,
   and a parameter p is worth (df/dp)' ((g + e) x + g u) more. */
#define STAGES 6
#define OWN 0.25 /* gamma of RODAS */
static const double A[STAGES][STAGES] = {
    {0},
    {1.544},
    {0.9466785280815826, 0.2557011698983284},
    {3.314825187068521, 2.896124015972201, 0.9986419139977817},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0}};
static const double C[STAGES][STAGES] = {
    {0},
    {-5.6688},
    {-2.430093356833875, -0.2063599157091915},
    {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
    {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
    {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054}};

#define HALVINGS 20
#define STEPS 5000
static int left;            /* steps that one call may still take */
static double rough, least; /* relative error that a step may have, and the amount below which errors are absolute */
/* One step; `v` holds the parameters. Gives (per lane, squared) by how much of an amount the method's two solutions,
   of orders three and four, differ. */
static real step(real h, const real *y, real *next) {
    static ALIGNED real k[STAGES][N], x[N], f[N];
    real g = OWN * h, by = 1.0 / h, off = WIDE(0.0);
    slopes(y);
    jacobian(y);
    factored(g);
    for (int s = 0; s < STAGES; s++) {
        memcpy(next, y, N * sizeof(real));
        for (int j = 0; j < s; j++)
            for (int i = 0; i < N; i++) next[i] += A[s][j] * k[j][i];
        if (s) values(next);
        rates(next, f);
        for (int j = 0; j < s; j++) {
            real c = C[s][j] * by;
            for (int i = 0; i < N; i++) f[i] += c * k[j][i];
        }
        for (int i = 0; i < N; i++) x[i] = g * f[order[i]];
        solved(x);
        for (int i = 0; i < N; i++) k[s][order[i]] = x[i];
    }
    for (int i = 0; i < N; i++) {
        real size = k[STAGES - 1][i] / (y[i] + least);
        off += size * size;
        next[i] += k[STAGES - 1][i];
    }
    return off;
}
/* From y to next, and the state halfway; in two, four, … steps where one is rough in a lane that is alive. Cells that
   switch late, within hours after weeks, need many halvings. A step that is still rough after all of them, or when no
   more steps are left, is never taken for the truth: its lane is dead. */
static void stride(real h, const real *y, real *middle, real *next, int halvings) {
    real off = step(h, y, next);
    int wrong = 0;
    left--;
    for (int lane = 0; lane < LANES; lane++)
        wrong |= (y[0][lane] == y[0][lane] && !(off[lane] < rough * rough)) << lane;
    if (wrong && halvings && left > 0) {
        real between[N];
        stride(0.5 * h, y, between, middle, halvings - 1);
        stride(0.5 * h, middle, between, next, halvings - 1);
    } else {
        for (int i = 0; i < N; i++) middle[i] = 0.5 * (y[i] + next[i]);
        for (int lane = 0; lane < LANES; lane++)
            if (wrong >> lane & 1) next[0][lane] = NAN;
    }
}
/* nodes (steps + 1, N), the first of which is given, and the states between (steps, N) */
void forward(int steps, double error, double amount, const real *h, const real *q, real *nodes, real *middles) {
    load(q);
    left = STEPS + steps, rough = error, least = amount;
    for (int n = 0; n < steps; n++) {
        real *next = nodes + (size_t)(n + 1) * N, sum = WIDE(0.0);
        stride(h[n], nodes + (size_t)n * N, middles + (size_t)n * N, next, HALVINGS);
        for (int i = 0; i < N; i++) sum += next[i];
        next[0] += sum - sum; /* a lane that is no longer numbers is dead */
    }
}
/* the start amounts, and all symbols (M) with nothing there: parameters, and what is computed from them */
void begin(const real *q, real *y, real *symbols) {
    load(q);
    memset(y, 0, N * sizeof(real));
    values(y);
    memcpy(symbols, v, M * sizeof(real));
    amounts(y);
}
/* Newton's method for a steady state f(y) = 0 near `y`: (1 - h J) move = h f(y), which are implicit Euler steps of
   length `h`, so that the totals of all molecules are kept where J is singular; moves (count, N): what each changes */
void newton(int count, double h, const real *q, real *y, real *moves) {
    static ALIGNED real f[N], x[N];
    load(q);
    for (int n = 0; n < count; n++) {
        slopes(y);
        jacobian(y);
        factored(WIDE(h));
        rates(y, f);
        for (int i = 0; i < N; i++) x[i] = h * f[order[i]];
        solved(x);
        real *move = moves + (size_t)n * N;
        for (int i = 0; i < N; i++) {
            int s = order[i];
            real to = y[s] + x[i];
            move[s] = x[i];
            y[s] = TIMES((real)((to > 0.0) & (bits)WIDE(1.0)), to);
        }
    }
}
/* count read-outs (symbols) at some nodes: out (some, count) */
void read_out(int some, const int *at, int count, const int *symbol, const real *q, const real *nodes, real *out) {
    load(q);
    for (int n = 0; n < some; n++) {
        values(nodes + (size_t)at[n] * N);
        outputs();
        for (int i = 0; i < count; i++) *out++ = v[symbol[i]];
    }
}
#define GAMMA 0.29289321881345254
static int any(const real *w, int count) {
    for (int i = 0; i < count; i++)
        for (int lane = 0; lane < LANES; lane++)
            if (w[i][lane] != 0.0) return 1;
    return 0;
}
/* Back over one integration, for several quantities (columns) that share Jacobians and factors. later (columns, N): what the
   state at each lane's last node is worth to what comes after; worth (columns, some, count): of read-outs at nodes, as in
   read_out; lam (columns, N): what the first state is, 0 on entry; bar (columns, M): worths of symbols, which are added to;
   in it formulas and groups, from Q on, are 0 between two steps. */
void back(int columns, int steps, const real *h, const int *last, int some, const int *at, int count, const int *symbol,
          const real *worth, const real *q, const real *nodes, const real *middles, const real *later, real *lam,
          real *bar) {
    static ALIGNED real x[N], u[N], th[N];
    size_t own = (size_t)some * count;
    char live[columns]; /* whether a column is worth anything yet */
    memset(live, 0, columns);
    load(q);
    for (int n = steps; n >= 0; n--) {
        for (int lane = 0; lane < LANES; lane++)
            if (last[lane] == n)
                for (size_t i = 0; i < (size_t)columns * N; i++)
                    if (later[i][lane] != 0.0) lam[i][lane] += later[i][lane], live[i / N] = 1;
        if (some && at[some - 1] == n) {
            some--;
            slopes(nodes + (size_t)n * N);
            outputs();
            for (int c = 0; c < columns; c++) {
                const real *w = worth + c * own + (size_t)some * count;
                real *b = bar + (size_t)c * M;
                if (!any(w, count)) continue;
                live[c] = 1;
                for (int i = 0; i < count; i++) b[symbol[i]] += w[i];
                reverse(b);
                spread(b, lam + (size_t)c * N);
                memset(b + Q, 0, (M - Q) * sizeof(real));
            }
        }
        if (!n) break;
        const real *y = middles + (size_t)(n - 1) * N;
        real g = GAMMA * h[n - 1], e = (1.0 - GAMMA) * h[n - 1], ratio = e / g;
        slopes(y);
        jacobian(y);
        factored(g);
        for (int c = 0; c < columns; c++) {
            if (!live[c]) continue;
            real *l = lam + (size_t)c * N, *b = bar + (size_t)c * M;
            for (int i = 0; i < N; i++) x[i] = l[order[i]];
            solved_back(x);
            /* (1 - g J') u = e J' x, and J' x = (x - l) / g */
            for (int i = 0; i < N; i++) u[i] = ratio * (x[i] - l[order[i]]);
            solved_back(u);
            for (int i = 0; i < N; i++) {
                th[order[i]] = (g + e) * x[i] + g * u[i];
                l[order[i]] = x[i] + u[i];
            }
            pull(y, th, b);
            reverse(b);
            memset(b + Q, 0, (M - Q) * sizeof(real));
        }
    }
}
/* Back from a steady state: by the implicit function theorem, written as one implicit Euler step of length `h` from what
   came before, (1 - h J') lambda = lambda', and a parameter p is worth (df/dp)' h lambda more. lam (columns, N) is of
   the steady state on entry and of the state before on return; lanes in which `first` is 1 began with start amounts. */
void rest(int columns, double h, const real *q, const real *y, const real *first, real *lam, real *bar) {
    static ALIGNED real x[N], th[N], own[N];
    load(q);
    slopes(y);
    jacobian(y);
    factored(WIDE(h));
    for (int c = 0; c < columns; c++) {
        real *b = bar + (size_t)c * M, *l = lam + (size_t)c * N;
        for (int i = 0; i < N; i++) x[i] = l[order[i]];
        solved_back(x);
        for (int i = 0; i < N; i++) {
            int s = order[i];
            l[s] = x[i], th[s] = h * x[i], own[s] = TIMES(*first, x[i]);
        }
        pull(y, th, b);
        start(own, b);
        reverse(b);
        memset(b + Q, 0, (M - Q) * sizeof(real));
    }
}
/* back through start amounts (lanes in which `first` is 1), and from symbols to the parameters they are computed from */
void began(int columns, const real *q, const real *first, const real *lam, real *bar) {
    static ALIGNED real own[N], y[N];
    load(q);
    memset(y, 0, sizeof y);
    slopes(y);
    for (int c = 0; c < columns; c++) {
        real *b = bar + (size_t)c * M;
        for (int i = 0; i < N; i++) own[i] = TIMES(*first, lam[(size_t)c * N + i]);
        start(own, b);
        reverse(b);
        memset(b + Q, 0, (M - Q) * sizeof(real));
    }
}
