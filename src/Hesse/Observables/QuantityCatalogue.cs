namespace Hesse.Observables;

/// <summary>A quantity that a run can observe or a probe can measure.</summary>
/// <param name="Name">Its one name: in specs, array files and figures.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Shape">Shape of its array in a finished run: R replicas, T times, N samples, C outputs, P parameters.</param>
/// <param name="NeedsTestData">Whether the data must hold test samples.</param>
public sealed record QuantityDescription(string Name, string Summary, string Shape, bool NeedsTestData = false)
{
    /// <summary>What can be asked for beside the name.</summary>
    public IReadOnlyList<QuantityOption> Options { get; init; } = [];
}

/// <summary>All quantities, in the order in which they are listed to users.</summary>
public static class QuantityCatalogue
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

    /// <summary>All quantities.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [
        new("loss", "Mean loss over all training samples.", "(R,T)"),
        new("test-loss", "Mean loss over all test samples.", "(R,T)", NeedsTestData: true),
        new(
            "accuracy",
            "Share of training samples whose class is right: the largest output, with loss logistic z > 0.",
            "(R,T)"
        ),
        new(
            "test-accuracy",
            "Share of test samples whose class is right: the largest output, with loss logistic z > 0.",
            "(R,T)",
            NeedsTestData: true
        ),
        new("gradient-norm", "Euclidean norm of the gradient of the mean training loss.", "(R,T)"),
        new("distance-from-initialization", "Euclidean norm of theta_t - theta_0.", "(R,T)"),
        new("parameters", "The parameters theta_t: W_1 (out x in, row-major), b_1, W_2, b_2, ...", "(R,T,P)"),
        new("gradient", "Gradient of the mean training loss.", "(R,T,P)"),
        new("logits", "Network outputs z_L of every training sample.", "(R,T,N,C)"),
        new("per-sample-gradients", "Gradients g_n of the single losses, not divided by N.", "(R,T,N,P)"),
        new("per-sample-gradient-norms", "Euclidean norms of the gradients g_n of the single losses.", "(R,T,N)"),
        new("gram", "Inner products <g_i, g_j> of the gradients of the single losses.", "(R,T,N,N)"),
        new("hessian", "Hessian of the mean training loss.", "(R,T,P,P)"),
        new("ggn", "Generalised Gauss-Newton matrix of the mean training loss.", "(R,T,P,P)"),
        new("hessian-diagonal", "Diagonal of the Hessian. Where estimated, part standard-error (R,T,P).", "(R,T,P)")
        {
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
        new("hessian-spectrum", "All eigenvalues of the Hessian, ascending.", "(R,T,P)"),
        new("ggn-spectrum", "All eigenvalues of the generalised Gauss-Newton matrix, ascending.", "(R,T,P)"),
        new(
            "second-moment-spectrum",
            "The eigenvalues of M = (1/N) sum g_n g_n^T that can differ from zero, ascending.",
            "(R,T,min(N,P))"
        ),
        new(
            "gradient-covariance-spectrum",
            "The eigenvalues of C = (1/N) sum (g_n - g)(g_n - g)^T that can differ from zero, ascending.",
            "(R,T,min(N,P))"
        ),
        new("trace", "Trace of the Hessian. Where estimated, part standard-error (R,T).", "(R,T)")
        {
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
        new(
            "frobenius-norm",
            "Frobenius norm of the Hessian: exact up to P = 8192, above estimated by Hutch++, with part standard-error (R,T).",
            "(R,T)"
        ),
        new("second-moment-diagonal", "Diagonal of M = (1/N) sum g_n g_n^T.", "(R,T,P)"),
        new(
            "residual-spectrum",
            "All eigenvalues of H_p = M - H, ascending; of losses cross-entropy and logistic.",
            "(R,T,P)"
        ),
        new(
            "layer-spectra",
            "All eigenvalues of the diagonal block of the Hessian of each layer, ascending; layer-spectra.l.npy holds layer l.",
            "(R,T,P_l)"
        ),
        new(
            "top-eigenvalues",
            "The k algebraically largest eigenvalues of the Hessian, descending. Parts residual, iterations (0 for the assembled matrix) and converged (R,T,k); where asked for smallest, ascending, with smallest-residual, smallest-iterations and smallest-converged (R,T,smallest).",
            "(R,T,k)"
        )
        {
            Options =
            [
                QuantityOption.Whole("k", 1, 1, 1000, "How many of the largest."),
                QuantityOption.Whole("smallest", 0, 0, 1000, "How many of the smallest as well."),
                Tolerance,
                Method,
                WarmStart,
            ],
        },
        new(
            "sharpness",
            "The algebraically largest eigenvalue of the Hessian. Parts: residual, iterations, converged (R,T).",
            "(R,T)"
        )
        {
            Options = [Tolerance, Method, WarmStart],
        },
        new(
            "principal-angles",
            "Cosines of the principal angles between the spaces of the k largest eigenvalues of the Hessian and of M, descending.",
            "(R,T,k)"
        )
        {
            Options = [Eigenvectors],
        },
        new(
            "gradient-alignment",
            "Share of the squared gradient norm in the space of the Hessian's k largest eigenvalues.",
            "(R,T)"
        )
        {
            Options = [Eigenvectors],
        },
        new(
            "spectral-density",
            "Stochastic Lanczos quadrature of the Hessian's spectrum. Parts: nodes and weights.",
            "(R,T,probes,iterations)"
        )
        {
            Options =
            [
                QuantityOption.Whole("probes", 10, 1, 10_000, "Random vectors."),
                QuantityOption.Whole("iterations", 80, 1, 2_000, "Steps of Lanczos' method for each."),
                QuantityOption.Choice(
                    "scale",
                    ["linear", "log"],
                    "Axis on which the density is shown; nodes and weights do not depend on it."
                ),
            ],
        },
        new(
            "batch-gradient-norm",
            "Euclidean norm of the gradient of the mean loss over the mini-batch of the step's update, at theta_t; in a probe over the first --batch rows.",
            "(R,T)"
        ),
        new(
            "gradient-tests",
            "Numbers by which samplers and stopping rules judge per-sample gradients. Parts, (R,T) each: norm, inner-product, orthogonality, gsnr, tic-trace, tic-diagonal, eb-criterion, cabs.",
            "(R,T)"
        )
        {
            Options = [QuantityOption.Number("step-size", 1, 0, double.MaxValue, "Factor of cabs.")],
        },
        new(
            "noise-scale",
            "Gradient-noise scale tr Sigma / ||g||^2 with the unbiased covariance Sigma. Parts, (R,T) each: standard-error (jackknife), covariance-trace, squared-gradient (|G|^2 = ||g||^2 - tr Sigma / N) and squared-gradient-standard-error, unbiased (tr Sigma / |G|^2), state (1; 0 where |G|^2 is not positive).",
            "(R,T)"
        ),
        new(
            "noise-gaussianity",
            "Normality of the noise of mini-batch gradients along random directions. Parts: shapiro-wilk (W), p-value, anderson-darling (A*^2) (R,T,directions); accepted and anderson-darling-accepted, shares of the directions not rejected at 5 %, and gaussian-accepted and gaussian-anderson-darling-accepted, the same of normal samples (R,T); gradient (R,T,3) and top-eigenvectors (R,T,eigenvectors,3): W, p-value, A*^2 along these.",
            "(R,T,directions)"
        )
        {
            Options = NoiseGaussianity.Options,
        },
        new(
            "tail-index",
            "Index alpha of the noise of mini-batch gradients as a symmetric alpha-stable law, 2 for normal noise. Parts: directions and hill (R,T,directions), one random direction each; coordinates, sums over mini-batches of one coordinate, and layers (R,T,L), the same for each layer; pooled, all coordinates as one sample; pooling-misleads, 1 where these two differ by more than a tenth (R,T).",
            "(R,T,directions)"
        )
        {
            Options = TailIndex.Options,
        },
        new("covariance-curvature-trace", "Trace of H C with C = (1/N) sum (g_n - g)(g_n - g)^T.", "(R,T)"),
        new(
            "consecutive-gradient-cosine",
            "Cosine of the angle between the mini-batch gradients of steps t - 1 and t, each at its own parameters; NaN at t = 0.",
            "(R,T)"
        ),
        new(
            "iterate-projection",
            "Inner products of theta_t with standard normal vectors that all replicas and steps share.",
            "(R,T,directions)"
        )
        {
            Options = [QuantityOption.Whole("directions", 2, 1, 1000, "How many vectors.")],
        },
        new(
            "loss-increment",
            "The change of the training loss in the update after step t. Parts: measured; predicted-mean and predicted-variance given theta_t; flag, 1 where the predicted mean is not positive (local super-martingale), else -1; standardised; curved-variance; with tail-bound: width and tail-bound. NaN at the last step.",
            "(R,T)"
        )
        {
            Options =
            [
                QuantityOption.Flag(
                    "tail-bound",
                    "Whether the bound on the probability of so large a deviation is computed; takes the extreme eigenvalues of the Hessian."
                ),
            ],
        },
        new(
            "preconditioned-sharpness",
            "The largest eigenvalue of P^(-1/2) H P^(-1/2) with the diagonal P by which the update rule divides; of rmsprop, adam, adamw, adagrad, adapnm and preconditioned-sgd. Parts: residual, iterations, converged (R,T). NaN at t = 0.",
            "(R,T)"
        )
        {
            Options = [Tolerance, Method],
        },
        new(
            "pac-bayes-bound",
            "Bound on the error of a normal distribution around theta_t, by the diagonal of the Hessian and the distance from theta_0. Parts: pinsker, divergence, effective-curvature, weighted-norm, gibbs-error, gibbs-standard-error, train-error, test-error (R,T); layer-curvature, layer-norm (R,T,layers).",
            "(R,T)"
        )
        {
            Options =
            [
                QuantityOption.Number("prior", 0.1, 1e-9, 1e9, "sigma, the deviation of the prior around theta_0."),
                QuantityOption.Number("delta", 0.05, 1e-12, 1, "Probability with which the bound may fail."),
                QuantityOption.Choice(
                    "covariance",
                    ["isotropic", "anisotropic"],
                    "Whether sigma is in units of the initial size of each weight matrix and bias vector: anisotropic does not change where a relu net is rescaled."
                ),
                QuantityOption.Whole(
                    "draws",
                    100,
                    1,
                    100_000,
                    "Draws of the distribution, whose mean training error enters."
                ),
            ],
        },
        new(
            "early-stopping",
            "Variance of the outputs over the latest observations. Parts: best-step, the step of the least variance; stopped; gap, test loss there minus the least so far (R,T). NaN until there are as many observations as window says.",
            "(R,T)"
        )
        {
            Options =
            [
                QuantityOption.Whole(
                    "window",
                    100,
                    1,
                    100_000,
                    "Observations in the variance; with emv, those before it is looked at."
                ),
                QuantityOption.Whole(
                    "patience",
                    1000,
                    1,
                    10_000_000,
                    "Observations without a smaller variance until training counts as stopped."
                ),
                QuantityOption.Choice("method", ["wmv", "emv"], "Windowed or exponential moving variance."),
                QuantityOption.Number("weight", 0.1, 1e-6, 1, "Weight of the newest outputs with emv."),
            ],
        },
        new(
            "stability-twins",
            "Mean squared distance from twins that are trained beside each replica with one sample replaced. Parts: each (R,T,twins); loss-sum, bound-over-smoothness, gap (R,T).",
            "(R,T)"
        )
        {
            Options = [QuantityOption.Whole("twins", 4, 1, 10_000, "Twins of each replica.")],
        },
        new(
            "information-bound",
            "Bound on test loss minus training loss of plain sgd by the noise and the sensitivity of the gradient along the path. Parts: variance, sensitivity, output, gap (R,T).",
            "(R,T)",
            NeedsTestData: true
        )
        {
            Options =
            [
                QuantityOption.Number(
                    "sigma",
                    0.01,
                    1e-12,
                    1e6,
                    "Deviation of the noise that each step is thought to add."
                ),
                QuantityOption.Number("range", 1, 1e-12, 1e12, "R: the loss is R-sub-Gaussian."),
                QuantityOption.Whole("draws", 5, 1, 100_000, "Displacements over which means are taken."),
            ],
        },
    ];

    /// <summary>The quantity of this name, or null.</summary>
    public static QuantityDescription? Find(string name) => All.FirstOrDefault(quantity => quantity.Name == name);
}
