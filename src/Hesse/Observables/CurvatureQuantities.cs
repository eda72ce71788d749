namespace Hesse.Observables;

/// <summary>Matrices of second derivatives and second moments, their spectra, traces, norms and eigenvectors.</summary>
internal static class CurvatureQuantities
{
    private static QuantityOption Eigenvectors { get; } =
        QuantityOption.Whole("k", 15, 1, 1000, "Dimension of the spaces.");

    private static QuantityOption Tolerance { get; } =
        QuantityOption.Number(
            "tolerance",
            1e-6,
            1e-14,
            1,
            "An eigenvalue theta has converged when ||H u - theta u|| is at most this times |theta|."
        );

    private static QuantityOption Method { get; } =
        QuantityOption.Choice(
            "method",
            ["automatic", "exact", "lanczos"],
            "exact: from the assembled Hessian; lanczos: from products with it, the same values within the tolerance; automatic: exact up to P = 600, lanczos above."
        );

    private static QuantityOption ProbeCount { get; } =
        QuantityOption.Whole(
            "probes",
            30,
            2,
            10_000,
            "Random vectors in the mean of an estimate; hutch++ makes three times as many products."
        );

    private static QuantityOption WarmStart { get; } =
        QuantityOption.Flag(
            "warm-start",
            "Whether Lanczos' method begins from the eigenvectors at this quantity's observation before; fewer products, the same values within the tolerance."
        );

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [
        new("hessian", "Hessian of the mean training loss.", "(R,T,P,P)") { Formula = "H, the second derivative of L" },
        new("ggn", "Generalised Gauss-Newton matrix of the mean training loss.", "(R,T,P,P)")
        {
            Formula = "G = (1/N) sum_n J_n^T (d2l_n/dz2) J_n with J_n = dz_L/dtheta",
        },
        new("hessian-diagonal", "Diagonal of the Hessian.", "(R,T,P)")
        {
            Formula = "H_ii; estimated: mean of v_i (H v)_i over Rademacher vectors v",
            Source = "Bekas, Kokiopoulou, Saad 2007",
            Parts = [new("standard-error", "(R,T,P)", "standard error of the mean, entry by entry", "where estimated")],
            Options =
            [
                QuantityOption.Choice(
                    "method",
                    ["automatic", "exact", "hutchinson"],
                    "exact: from the layers; hutchinson: the mean over random vectors; automatic: exact up to P = 1,000,000, hutchinson above."
                ),
                ProbeCount,
            ],
        },
        new("hessian-spectrum", "All eigenvalues of the Hessian, ascending.", "(R,T,P)")
        {
            Formula = "eigenvalues of H, ascending",
            Source = "1907.10732",
        },
        new("ggn-spectrum", "All eigenvalues of the generalised Gauss-Newton matrix, ascending.", "(R,T,P)")
        {
            Formula = "eigenvalues of G, ascending",
        },
        new(
            "second-moment-spectrum",
            "The eigenvalues of M = (1/N) sum g_n g_n^T that can differ from zero, ascending.",
            "(R,T,min(N,P))"
        )
        {
            Formula = "eigenvalues of M, of Gram / N where N <= P",
            Source = "1907.10732",
        },
        new(
            "gradient-covariance-spectrum",
            "The eigenvalues of C = (1/N) sum (g_n - g)(g_n - g)^T that can differ from zero, ascending.",
            "(R,T,min(N,P))"
        )
        {
            Formula = "eigenvalues of C, of the centred Gram matrix / N where N <= P",
        },
        new("trace", "Trace of the Hessian.", "(R,T)")
        {
            Formula =
                "sum of the diagonal; hutchinson: mean of v^T H v over Rademacher vectors v; hutch++: tr(Q^T H Q) + mean of w^T H w with w = (I - Q Q^T) v",
            Source = "Hutchinson 1990; 2010.09649",
            Parts = [new("standard-error", "(R,T)", "standard error of the mean", "where estimated")],
            Options =
            [
                QuantityOption.Choice(
                    "method",
                    ["automatic", "exact", "hutchinson", "hutch++"],
                    "exact: the sum of the diagonal; hutchinson, hutch++: from products with random vectors; automatic: exact up to P = 1,000,000, hutch++ above."
                ),
                ProbeCount,
            ],
        },
        new("frobenius-norm", "Frobenius norm of the Hessian.", "(R,T)")
        {
            Formula = "sqrt(sum_ij H_ij^2); above P = 8192 Hutch++ on H^2 from 80 products",
            Source = "2010.09649",
            Parts = [new("standard-error", "(R,T)", "standard error of the estimate", "above P = 8192")],
        },
        new("second-moment-diagonal", "Diagonal of M = (1/N) sum g_n g_n^T.", "(R,T,P)")
        {
            Formula = "(1/N) sum_n g_n,i^2",
        },
        new(
            "residual-spectrum",
            "All eigenvalues of H_p = M - H, ascending; of losses cross-entropy and logistic.",
            "(R,T,P)"
        )
        {
            Formula =
                "eigenvalues of H_p = (1/N) sum_n (1/p_n) Hess p_n with p_n the probability of the right class; note the sign, H = M - H_p",
            Source = "1907.10732",
        },
        new(
            "layer-spectra",
            "All eigenvalues of the diagonal block of the Hessian of each layer, ascending.",
            "(R,T,P_l)"
        )
        {
            HasMain = false,
            Formula = "Blocks of (W_l, b_l), P_l = d_l (d_{l-1} + [bias_l])",
            Parts = [new("1 .. L", "(R,T,P_l)", "eigenvalues of the block of layer l, ascending")],
        },
        new("top-eigenvalues", "The k algebraically largest eigenvalues of the Hessian, descending.", "(R,T,k)")
        {
            Formula = "lambda_1 >= ... >= lambda_k of H",
            Source = "Lanczos with thick restarts: Wu and Simon 2000",
            Parts =
            [
                new("residual", "(R,T,k)", "||H u - theta u|| with the unit vector u"),
                new("iterations", "(R,T,k)", "products with H; 0 where the values are those of the assembled matrix"),
                new("converged", "(R,T,k)", "1 where the residual is at most tolerance times |theta|, else 0"),
                new("smallest", "(R,T,smallest)", "the algebraically smallest eigenvalues, ascending", "smallest > 0"),
                new("smallest-residual", "(R,T,smallest)", "the same of the smallest", "smallest > 0"),
                new("smallest-iterations", "(R,T,smallest)", "the same of the smallest", "smallest > 0"),
                new("smallest-converged", "(R,T,smallest)", "the same of the smallest", "smallest > 0"),
            ],
            Options =
            [
                QuantityOption.Whole("k", 1, 1, 1000, "How many of the largest."),
                QuantityOption.Whole("smallest", 0, 0, 1000, "How many of the smallest as well."),
                Tolerance,
                Method,
                WarmStart,
            ],
        },
        new("sharpness", "The algebraically largest eigenvalue of the Hessian.", "(R,T)")
        {
            Formula = "lambda_1 of H: top-eigenvalues with k = 1",
            Source = "2103.00065",
            Parts = OfOnePair,
            Options = [Tolerance, Method, WarmStart],
        },
        new(
            "preconditioned-sharpness",
            "The largest eigenvalue of P^(-1/2) H P^(-1/2) with the diagonal P by which the update rule divides; of rmsprop, adam, adamw, adagrad, adapnm and preconditioned-sgd. NaN at t = 0.",
            "(R,T)"
        )
        {
            Formula = "largest eigenvalue of P^(-1) H, numerics.md section 11",
            Source = "2207.14484",
            Parts = OfOnePair,
            Options = [Tolerance, Method],
        },
        new(
            "principal-angles",
            "Cosines of the principal angles between the spaces of the k largest eigenvalues of the Hessian and of M, descending.",
            "(R,T,k)"
        )
        {
            Formula =
                "singular values of U^T V with orthonormal eigenvectors U of H and V of M; 0 for those that M (or P < k) lacks, so sum cos^2 / k is the overlap",
            Source = "1907.10732",
            Parts =
            [
                new(
                    "overlaps",
                    "(R,T,k)",
                    "|u_i . v_i| of the i-th eigenvectors of both: weaker than the angles, and without meaning where eigenvalues coincide"
                ),
                new("hessian-eigenvalues", "(R,T,k)", "the k largest eigenvalues of H, descending; 0 beyond P"),
                new(
                    "second-moment-eigenvalues",
                    "(R,T,k)",
                    "the k largest eigenvalues of M, descending; 0 beyond min(N,P)"
                ),
            ],
            Options = [Eigenvectors],
        },
        new(
            "gradient-alignment",
            "Share of the squared gradient norm in the space of the Hessian's k largest eigenvalues.",
            "(R,T)"
        )
        {
            Formula = "sum_{i <= k} (u_i . g)^2 / ||g||^2; 0 where g is 0",
            Source = "1812.04754",
            Options = [Eigenvectors],
        },
        new("spectral-density", "Stochastic Lanczos quadrature of the Hessian's spectrum.", "(R,T,probes,iterations)")
        {
            HasMain = false,
            Formula = "The mean over probes of sum_i weight_i f(node_i) estimates tr f(H) / P",
            Source = "1901.10159",
            Parts =
            [
                new("nodes", "(R,T,probes,iterations)", "eigenvalues of Lanczos' tridiagonal matrix, ascending"),
                new(
                    "weights",
                    "(R,T,probes,iterations)",
                    "squared first components of its eigenvectors, sum 1; 0 at nodes that repeat the last one beyond an exhausted Krylov space"
                ),
            ],
            Options =
            [
                QuantityOption.Whole("probes", 10, 1, 10_000, "Random vectors."),
                QuantityOption.Whole("iterations", 80, 1, 2_000, "Steps of Lanczos' method for each."),
                QuantityOption.Choice(
                    "scale",
                    ["linear", "log"],
                    "Axis that stands first in the figure, which has both; nodes and weights do not depend on it."
                ),
            ],
        },
        new("covariance-curvature-trace", "Trace of H C with C = (1/N) sum (g_n - g)(g_n - g)^T.", "(R,T)")
        {
            Formula = "tr(H C) = (1/N) sum_n (g_n - g)^T H (g_n - g)",
        },
    ];

    private static IReadOnlyList<PartDescription> OfOnePair =>
        [
            new("residual", "(R,T)", "||A u - theta u|| with the unit vector u"),
            new("iterations", "(R,T)", "products with H; 0 where the value is that of the assembled matrix"),
            new("converged", "(R,T)", "1 where the residual is at most tolerance times |theta|, else 0"),
        ];
}
