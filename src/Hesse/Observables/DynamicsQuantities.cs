namespace Hesse.Observables;

/// <summary>What looks along the path of training: loss dynamics, generalisation, stopping.</summary>
internal static class DynamicsQuantities
{
    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [
        new(
            "consecutive-gradient-cosine",
            "Cosine of the angle between the mini-batch gradients of steps t - 1 and t, each at its own parameters; NaN at t = 0.",
            "(R,T)"
        )
        {
            Formula = "b_{t-1} . b_t / (||b_{t-1}|| ||b_t||); 0 where one of them is 0",
            Source = "1907.10732",
        },
        new(
            "iterate-projection",
            "Inner products of theta_t with standard normal vectors that all replicas and steps share.",
            "(R,T,directions)"
        )
        {
            Formula = "<theta_t, v_i>",
            Options = [QuantityOption.Whole("directions", 2, 1, 1000, "How many vectors.")],
        },
        new(
            "oscillation-variance",
            "Variance of gradient descent's oscillation about its central flow, which the flow predicts. NaN but for gradient-flow with method central.",
            "(R,T)"
        )
        {
            Formula =
                "tr Sigma, its mean over the tick that ended at t, 0 at t = 0; descent's loss averaged over the oscillation is predicted to be L(theta_t) + tr Sigma / step-size; NaN beside any other rule than gradient-flow with method central",
            Source = "2410.24206",
            Parts =
            [
                new(
                    "averaged-loss",
                    "(R,T)",
                    "L(theta_t) + tr Sigma / step-size, the step size that of the tick that ended at t"
                ),
            ],
        },
        new(
            "loss-increment",
            "The change of the training loss in the update after step t, beside its mean and variance given theta_t. NaN at the last step.",
            "(R,T)"
        )
        {
            HasMain = false,
            Formula =
                "To second order, numerics.md section 11; all but measured are NaN for mass, pnm, adapnm, sign-sgd, with rescale-weights and for training that is not an update rule on one mini-batch gradient",
            Source = "1907.10732",
            Parts =
            [
                new("measured", "(R,T)", "Delta_t = L(theta_{t+1}) - L(theta_t)"),
                new("predicted-mean", "(R,T)", "mean of Delta_t over mini-batches"),
                new("predicted-variance", "(R,T)", "its variance"),
                new(
                    "flag",
                    "(R,T)",
                    "1 where the predicted mean is at most 0 (locally a super-martingale), -1 where it is positive (a sub-martingale)"
                ),
                new("standardised", "(R,T)", "(measured - mean) / sqrt(variance); NaN where the variance is 0"),
                new("curved-variance", "(R,T)", "the variance with the slope at the end of the mean step"),
                new(
                    "width",
                    "(R,T)",
                    "width of an interval that holds every mini-batch's increment, to second order",
                    "tail-bound: true"
                ),
                new(
                    "tail-bound",
                    "(R,T)",
                    "min(1, 2 exp(-2 s^2 / width^2)) with s = |measured - mean|: bound on the probability of so large a deviation",
                    "tail-bound: true"
                ),
            ],
            Options =
            [
                QuantityOption.Flag(
                    "tail-bound",
                    "Whether the bound on the probability of so large a deviation is computed; takes the extreme eigenvalues of the Hessian."
                ),
            ],
        },
        new(
            "pac-bayes-bound",
            "Bound on the error of a normal distribution around theta_t, by the diagonal of the Hessian and the distance from theta_0.",
            "(R,T)"
        )
        {
            Formula =
                "largest q with kl(l(Q,S) || q) <= rhs = (divergence + ln((N+1)/delta)) / N, which holds with probability 1 - delta; prior N(theta_0, diag(sigma_j^2)), Q = N(theta, diag(nu_j)^-1), nu_j = max(H_jj, 1/sigma_j^2); numerics.md, section 12",
            Source = "1907.10732; 2002.09956",
            Parts =
            [
                new("pinsker", "(R,T)", "l(Q,S) + sqrt(rhs / 2)"),
                new("divergence", "(R,T)", "effective-curvature + weighted-norm, at least KL(Q || prior)"),
                new("effective-curvature", "(R,T)", "sum_j ln(nu_j sigma_j^2) / 2"),
                new("weighted-norm", "(R,T)", "sum_j (theta_j - theta_0j)^2 / (2 sigma_j^2)"),
                new("gibbs-error", "(R,T)", "l(Q,S), the mean training error over the draws of Q"),
                new("gibbs-standard-error", "(R,T)", "its standard error"),
                new("train-error", "(R,T)", "training error of theta_t itself"),
                new("test-error", "(R,T)", "its test error; NaN without test samples"),
                new("layer-curvature", "(R,T,L)", "effective-curvature by layers"),
                new("layer-norm", "(R,T,L)", "weighted-norm by layers"),
            ],
            Options =
            [
                QuantityOption.Number("prior", 0.1, 1e-9, 1e9, "sigma, the deviation of the prior around theta_0."),
                QuantityOption.Number(
                    "delta",
                    0.05,
                    1e-12,
                    1,
                    "Probability with which the bound may fail.",
                    openMaximum: true
                ),
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
        new("early-stopping", "Variance of the outputs over the latest observations.", "(R,T)")
        {
            Formula =
                "wmv: (1/W) sum_w ||x_w - mean||^2 / dim over the last W outputs x of all training samples; emv: v <- (1 - a)(v + a ||x - m||^2 / dim), m <- m + a (x - m); NaN until there are W observations",
            Source = "2112.06074",
            Parts =
            [
                new("best-step", "(R,T)", "step of the least variance so far, -1 for none"),
                new(
                    "stopped",
                    "(R,T)",
                    "1 once patience observations brought no smaller one (best-step then stays), else 0"
                ),
                new(
                    "gap",
                    "(R,T)",
                    "test loss at best-step minus the least test loss so far; NaN without test samples"
                ),
            ],
            Options =
            [
                QuantityOption.Whole(
                    "window",
                    100,
                    2,
                    100_000,
                    "Observations in the variance, no more than there are; with emv, those before it is looked at."
                ),
                QuantityOption.Whole(
                    "patience",
                    1000,
                    1,
                    10_000_000,
                    "Observations without a smaller variance until training counts as stopped; more than there are: never."
                ),
                QuantityOption.Choice("method", ["wmv", "emv"], "Windowed or exponential moving variance."),
                QuantityOption.Number(
                    "weight",
                    0.1,
                    1e-6,
                    1,
                    "a, the weight of the newest outputs with emv.",
                    openMaximum: true
                ),
            ],
        },
        new(
            "stability-twins",
            "Mean squared distance from twins that are trained beside each replica, same start and same rows, with one sample replaced.",
            "(R,T)"
        )
        {
            Formula = "mean over the twins of ||theta_t - theta'_t||^2",
            Source = "2006.08157",
            Parts =
            [
                new("each", "(R,T,twins)", "the squared distance of each twin"),
                new("loss-sum", "(R,T)", "sum over j < t of eta_j^2 L(theta_j); NaN unless sgd"),
                new("bound-over-smoothness", "(R,T)", "8 (1 + t/N) / N times that"),
                new("gap", "(R,T)", "test loss - training loss; NaN without test samples"),
            ],
            Options = [QuantityOption.Whole("twins", 4, 1, 10_000, "Twins of each replica.")],
        },
        new(
            "information-bound",
            "Bound on test loss minus training loss of plain sgd by the noise and the sensitivity of the gradient along the path.",
            "(R,T)",
            NeedsTestData: true
        )
        {
            Formula = "2 range sqrt((variance + sensitivity) / N) + |output|; numerics.md, section 12",
            Source = "2102.00931",
            Parts =
            [
                new("variance", "(R,T)", "sum_{j<t} (eta_j^2/sigma^2) E ||g(w,z) - E g(w,z)||^2 / B_t"),
                new("sensitivity", "(R,T)", "sum_{j<t} (eta_j^2/sigma^2) E ||E g(w,z) - E g(w + xi,z)||^2"),
                new("output", "(R,T)", "E[L(w) - L(w + xi)] on the training samples - the same on the test samples"),
                new("gap", "(R,T)", "test loss - training loss"),
            ],
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
}
