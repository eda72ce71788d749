namespace Hesse.Observables;

/// <summary>Gradient noise.</summary>
internal static class NoiseQuantities
{
    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [
        new(
            "batch-gradient-norm",
            "Euclidean norm of the gradient of the mean loss over the mini-batch of the step's update, at theta_t; in a probe over the first --batch rows.",
            "(R,T)"
        )
        {
            Formula = "||grad L_B(theta_t)||, of mass too at theta_t; with workers that of worker 0",
        },
        new("gradient-tests", "Numbers by which samplers and stopping rules judge per-sample gradients.", "(R,T)")
        {
            HasMain = false,
            Formula = "numerics.md, section 10; NaN for a single sample where a variance is asked for",
            Source = "2102.06604 (Cockpit), whose constants these are",
            Parts =
            [
                new("norm", "(R,T)", "sqrt((sum_n ||g_n||^2 - N ||g||^2) / ((N-1) N ||g||^2)) (Byrd et al. 2012)"),
                new("inner-product", "(R,T)", "sqrt((sum_n (g_n . g)^2 - N ||g||^4) / ((N-1) N ||g||^4)) (1710.11258)"),
                new(
                    "orthogonality",
                    "(R,T)",
                    "sqrt(sum_n (||g_n||^2 - (g_n . g)^2 / ||g||^2) / ((N-1) N ||g||^2)); norm^2 = inner-product^2 + orthogonality^2"
                ),
                new("gsnr", "(R,T)", "mean_i g_i^2 / (M_ii - g_i^2 + 1e-5) (2001.07384)"),
                new("tic-trace", "(R,T)", "sum_i M_ii / (tr H + 1e-7) (1906.07774)"),
                new("tic-diagonal", "(R,T)", "sum_i M_ii / (H_ii + 1e-7)"),
                new(
                    "eb-criterion",
                    "(R,T)",
                    "1 - N mean_i g_i^2 / (var_i + 1e-5), var_i = (M_ii - g_i^2) N/(N-1) (1703.09580)"
                ),
                new("cabs", "(R,T)", "step-size sum_i (M_ii - g_i^2) / L, a batch size (1612.05086)"),
            ],
            Options = [QuantityOption.Number("step-size", 1, 0, double.MaxValue, "Factor of cabs.")],
        },
        new("noise-scale", "Gradient-noise scale tr Sigma / ||g||^2 with the unbiased covariance Sigma.", "(R,T)")
        {
            Formula = "tr Sigma / ||g||^2 with Sigma = (1/(N-1)) sum_n (g_n - g)(g_n - g)^T",
            Source = "1812.06162",
            Parts =
            [
                new("standard-error", "(R,T)", "its standard error by the jackknife over samples"),
                new("covariance-trace", "(R,T)", "tr Sigma"),
                new("squared-gradient", "(R,T)", "unbiased |G|^2 = ||g||^2 - tr Sigma / N"),
                new("squared-gradient-standard-error", "(R,T)", "its standard error by the jackknife"),
                new("unbiased", "(R,T)", "tr Sigma / |G|^2; NaN where state is 0"),
                new("state", "(R,T)", "1; 0 where |G|^2 is not positive: the noise hides the gradient"),
            ],
        },
        new(
            "noise-gaussianity",
            "Normality of the noise of mini-batch gradients along random directions, the gradient and the top eigenvectors of the Hessian.",
            "(R,T,directions)"
        )
        {
            HasMain = false,
            Formula =
                "Noise of K = batches mini-batches of batch rows along unit directions, numerics.md section 10; a batch of N rows or more has no noise and is refused",
            Source = "1910.09626; Royston 1995; Anderson and Darling 1954",
            Parts =
            [
                new("shapiro-wilk", "(R,T,directions)", "W; NaN where the noise is constant"),
                new("p-value", "(R,T,directions)", "its p-value"),
                new("anderson-darling", "(R,T,directions)", "A*^2, mean and variance estimated"),
                new("accepted", "(R,T)", "share of the directions (without NaN) with p >= 0.05"),
                new("anderson-darling-accepted", "(R,T)", "share with A*^2 <= 0.752"),
                new("gaussian-accepted", "(R,T)", "the share accepted of as many samples of K normal numbers"),
                new("gaussian-anderson-darling-accepted", "(R,T)", "the same by A*^2"),
                new("gradient", "(R,T,3)", "W, p-value and A*^2 along the gradient"),
                new(
                    "top-eigenvectors",
                    "(R,T,min(eigenvectors,P),3)",
                    "the same along the eigenvectors of the largest eigenvalues of H, descending",
                    "eigenvectors > 0"
                ),
            ],
            Options = NoiseGaussianity.Options,
        },
        new(
            "tail-index",
            "Index alpha of the noise of mini-batch gradients as a symmetric alpha-stable law, 2 for normal noise.",
            "(R,T,directions)"
        )
        {
            HasMain = false,
            Formula =
                "Mohammadi's estimate from sums of m mini-batches, numerics.md section 10; a single estimate scatters: take medians over directions",
            Source = "1901.06053; Mohammadi, Mohammadpour, Ogata 2015",
            Parts =
            [
                new("directions", "(R,T,directions)", "along one random direction each"),
                new("hill", "(R,T,directions)", "Hill's estimate from the largest tenth of the absolute values there"),
                new("coordinates", "(R,T)", "from sums over mini-batches of one coordinate, all coordinates together"),
                new("layers", "(R,T,L)", "the same for the coordinates of each layer"),
                new("pooled", "(R,T)", "the published estimate: all coordinates as one sample"),
                new(
                    "pooling-misleads",
                    "(R,T)",
                    "1 where pooled and coordinates differ by more than a tenth, else 0; NaN where one has no value"
                ),
            ],
            Options = TailIndex.Options,
        },
    ];
}
