/* One arm back in time: what k quantities at the end are worth before. A step is that of an L-stable method of
   order two (Alexander 1977, SIAM J Numer Anal 14:1006) with the Jacobian at the step's middle. */
#define GAMMA 0.29289321881345254
/* lam (k, N): k worths of the state after the last step, then before the first; seed (steps, k, N): those of
   the state at the end of each step by itself; bar (k, M): those of each symbol, which are added to */
int back(int k, int steps, const double *h, const double *mid, const double *seed, const double *q,
         double *lam, double *bar) {
    double x[N], u[N], th[N], own[M];
    for (int n = steps - 1; n >= 0; n--) {
        const double *y = mid + (size_t)n * N, *s = seed + (size_t)n * k * N;
        double g = GAMMA * h[n], e = (1.0 - GAMMA) * h[n];
        load(q);
        slopes(y);
        jacobian(y);
        if (factored(g)) return 1;
        for (int c = 0; c < k; c++, s += N) {
            double *l = lam + c * N, *b = bar + c * M;
            for (int i = 0; i < N; i++) l[i] += s[i];
            for (int i = 0; i < N; i++) x[i] = l[order[i]];
            solved_back(x);
            /* (1 - g J') u = e J' x, and J' x = (x - l) / g */
            for (int i = 0; i < N; i++) u[i] = e / g * (x[i] - l[order[i]]);
            solved_back(u);
            for (int i = 0; i < N; i++) {
                th[order[i]] = (g + e) * x[i] + g * u[i];
                l[order[i]] = x[i] + u[i];
            }
            memset(own, 0, sizeof own);
            pull(y, th, own);
            reverse(own);
            for (int i = 0; i < M; i++) b[i] += own[i];
        }
    }
    return 0;
}
/* the resting state, as one implicit Euler step of length h from the start amounts */
int rest(int k, double h, const double *y, const double *q, double *lam, double *bar) {
    double x[N], th[N], own[M];
    load(q);
    slopes(y);
    jacobian(y);
    if (factored(h)) return 1;
    for (int c = 0; c < k; c++) {
        double *l = lam + c * N, *b = bar + c * M;
        for (int i = 0; i < N; i++) x[i] = l[order[i]];
        solved_back(x);
        memset(own, 0, sizeof own);
        for (int i = 0; i < N; i++) l[order[i]] = x[i], th[order[i]] = h * x[i];
        pull(y, th, own);
        start(l, own);
        reverse(own);
        for (int i = 0; i < M; i++) b[i] += own[i];
    }
    return 0;
}
/* k worths of one read-out (a symbol) at one state, to those of species and symbols */
void reading(int k, int symbol, const double *worth, const double *y, const double *q, double *lam,
             double *bar) {
    double own[M];
    load(q);
    slopes(y);
    outputs();
    for (int c = 0; c < k; c++) {
        if (worth[c] == 0.0) continue;
        memset(own, 0, sizeof own);
        own[symbol] = worth[c];
        reverse(own);
        spread(own, lam + c * N);
        for (int i = 0; i < M; i++) bar[c * M + i] += own[i];
    }
}
/* for tests: the Jacobian, row by row */
void dense(const double *y, const double *q, double *out) {
    load(q);
    slopes(y);
    jacobian(y);
    memset(out, 0, (size_t)N * N * sizeof(double));
    for (int i = 0; i < N; i++)
        for (int k = row[i]; k < row[i + 1]; k++) out[order[i] * N + order[col[k]]] = J[k];
}
