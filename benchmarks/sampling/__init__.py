"""Ways to sample, compared with Hamiltonian Monte Carlo on the real problem."""
