static ALIGNED real over[N]; /* one over the diagonal of U */
static int factored(real h) { /* LU = I - h J, no pivoting; 1 where there is no solution */
    real w[N];
    for (int i = 0; i < N; i++) {
        for (int k = row[i]; k < row[i + 1]; k++) w[col[k]] = -h * J[k];
        w[i] += 1.0;
        for (int k = row[i]; k < diag[i]; k++) {
            int j = col[k];
            real a = w[j] * over[j];
            w[j] = a;
            for (int m = diag[j] + 1; m < row[j + 1]; m++) w[col[m]] -= a * LU[m];
        }
        for (int k = row[i]; k < row[i + 1]; k++) LU[k] = w[col[k]];
        if (NONE(w[i])) return 1;
        over[i] = 1.0 / w[i];
    }
    return 0;
}
/* x in the order of elimination: LU x = x, and LU' x = x */
static void solved(real *x) {
    for (int i = 0; i < N; i++) {
        real a = x[i];
        for (int k = row[i]; k < diag[i]; k++) a -= LU[k] * x[col[k]];
        x[i] = a;
    }
    for (int i = N - 1; i >= 0; i--) {
        real a = x[i];
        for (int k = diag[i] + 1; k < row[i + 1]; k++) a -= LU[k] * x[col[k]];
        x[i] = a * over[i];
    }
}
static void solved_back(real *x) {
    for (int i = 0; i < N; i++) {
        real a = x[i] *= over[i];
        for (int k = diag[i] + 1; k < row[i + 1]; k++) x[col[k]] -= LU[k] * a;
    }
    for (int i = N - 1; i >= 0; i--) {
        real a = x[i];
        for (int k = row[i]; k < diag[i]; k++) x[col[k]] -= LU[k] * a;
    }
}
