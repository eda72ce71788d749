namespace Hesse.Observables;

/// <summary>Losses, points and gradients: what needs no second derivative.</summary>
internal static class TrainingQuantities
{
    /// <summary>Value of the loss to curvature, in the order in which they are listed.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [
        new("loss", "Mean loss over all training samples.", "(R,T)") { Formula = "L, in training precision" },
        new("test-loss", "Mean loss over all test samples.", "(R,T)", NeedsTestData: true)
        {
            Formula = "mean loss over the test samples, in training precision",
        },
        new(
            "accuracy",
            "Share of training samples whose class is right: the largest output, with loss logistic z > 0.",
            "(R,T)"
        )
        {
            Formula =
                "share of samples whose class is the first largest output; with loss logistic, whose class is [z > 0]",
        },
        new(
            "test-accuracy",
            "Share of test samples whose class is right: the largest output, with loss logistic z > 0.",
            "(R,T)",
            NeedsTestData: true
        )
        {
            Formula = "the same over the test samples",
        },
        new("gradient-norm", "Euclidean norm of the gradient of the mean training loss.", "(R,T)")
        {
            Formula = "||g|| with g = grad L",
        },
        new("distance-from-initialization", "Euclidean norm of theta_t - theta_0.", "(R,T)")
        {
            Formula = "||theta_t - theta_0||",
        },
        new("parameters", "The parameters theta_t: W_1 (out x in, row-major), b_1, W_2, b_2, ...", "(R,T,P)")
        {
            Formula = "theta_t, in training precision",
        },
        new("gradient", "Gradient of the mean training loss.", "(R,T,P)") { Formula = "g = (1/N) sum_n g_n" },
        new("logits", "Network outputs z_L of every training sample.", "(R,T,N,C)") { Formula = "z_L of every sample" },
        new("per-sample-gradients", "Gradients g_n of the single losses, not divided by N.", "(R,T,N,P)")
        {
            Formula = "g_n = grad l_n",
        },
        new("per-sample-gradient-norms", "Euclidean norms of the gradients g_n of the single losses.", "(R,T,N)")
        {
            Formula = "||g_n||, without forming g_n",
        },
        new("gram", "Inner products <g_i, g_j> of the gradients of the single losses.", "(R,T,N,N)")
        {
            Formula = "<g_i, g_j>, without forming g_n",
        },
    ];
}
