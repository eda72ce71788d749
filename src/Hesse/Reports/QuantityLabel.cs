using Hesse.Observables;

namespace Hesse.Reports;

/// <summary>What figures call a quantity.</summary>
/// <param name="Title">Heading, without the time.</param>
/// <param name="Axis">Axis title: words and symbol.</param>
/// <param name="Definition">One sentence for captions.</param>
/// <param name="MayBeLog">Whether a logarithmic axis makes sense.</param>
internal sealed record QuantityLabel(string Title, string Axis, string Definition, bool MayBeLog = true)
{
    private static readonly Dictionary<string, QuantityLabel> Known = new(StringComparer.Ordinal)
    {
        ["loss"] = new("Training loss", "training loss L(θ\u209c)", "L is the mean loss over all training samples."),
        ["test-loss"] = new("Test loss", "test loss", "The mean loss over all test samples."),
        ["accuracy"] = new(
            "Training accuracy",
            "training accuracy",
            "The share of training samples whose class is right.",
            MayBeLog: false
        ),
        ["test-accuracy"] = new(
            "Test accuracy",
            "test accuracy",
            "The share of test samples whose class is right.",
            MayBeLog: false
        ),
        ["gradient-norm"] = new(
            "Gradient norm",
            "‖∇L(θ\u209c)‖",
            "The Euclidean norm of the gradient of the full training loss."
        ),
        ["batch-gradient-norm"] = new(
            "Mini-batch gradient norm",
            "‖∇L_B(θ\u209c)‖",
            "The Euclidean norm of the gradient that the next update uses."
        ),
        ["distance-from-initialization"] = new(
            "Distance from the initial point",
            "‖θ\u209c − θ₀‖",
            "The Euclidean distance travelled from the initial parameters.",
            MayBeLog: false
        ),
        ["trace"] = new(
            "Trace of the Hessian",
            "tr H",
            "The sum of the eigenvalues of the Hessian H of the training loss."
        ),
        ["frobenius-norm"] = new(
            "Frobenius norm of the Hessian",
            "‖H‖ (Frobenius)",
            "The square root of the sum of H's squared elements."
        ),
        ["sharpness"] = new(
            "Sharpness",
            "λ₁(H)",
            "The algebraically largest eigenvalue of the Hessian H of the training loss."
        ),
        ["preconditioned-sharpness"] = new(
            "Preconditioned sharpness",
            "λ₁(P⁻¹H)",
            "The largest eigenvalue of the Hessian seen through the optimizer's preconditioner P."
        ),
        ["gradient-alignment"] = new(
            "Gradient in the top eigenspace",
            "share of ‖∇L‖²",
            "The share of the squared gradient norm that lies in the space of H's k largest eigenvalues.",
            MayBeLog: false
        ),
        ["covariance-curvature-trace"] = new(
            "Noise weighted by curvature",
            "tr(H C)",
            "The trace of the Hessian times the covariance C of the gradients of single samples."
        ),
        ["hessian-spectrum"] = new("Spectrum of the Hessian H", "λᵢ(H)", "H is the Hessian of the mean training loss."),
        ["ggn-spectrum"] = new(
            "Spectrum of the Gauss\u2013Newton matrix G",
            "λᵢ(G)",
            "G is the generalised Gauss\u2013Newton matrix of the mean training loss."
        ),
        ["second-moment-spectrum"] = new(
            "Spectrum of the gradient second moment M",
            "λᵢ(M)",
            "M = (1/N) Σ gₙgₙᵀ with the gradients gₙ of single samples; only the eigenvalues that can differ from zero."
        ),
        ["gradient-covariance-spectrum"] = new(
            "Spectrum of the gradient covariance C",
            "λᵢ(C)",
            "C = (1/N) Σ (gₙ − g)(gₙ − g)ᵀ with the gradients gₙ of single samples and their mean g; only the eigenvalues that can differ from zero."
        ),
        ["residual-spectrum"] = new(
            "Spectrum of the residual H_p = M − H",
            "λᵢ(M − H)",
            "What the gradient second moment M has beyond the Hessian H."
        ),
        ["top-eigenvalues"] = new(
            "Largest eigenvalues of the Hessian",
            "λᵢ(H)",
            "The algebraically largest eigenvalues of the Hessian of the mean training loss."
        ),
        ["layer-spectra"] = new(
            "Largest eigenvalue of each layer's block",
            "λ₁ of the block",
            "The largest eigenvalue of the diagonal block of the Hessian that belongs to a layer's weights and biases."
        ),
        ["noise-scale"] = new(
            "Gradient-noise scale",
            "tr Σ / ‖g‖²",
            "The trace of the covariance Σ of the gradients of single samples over the squared norm of their mean g."
        ),
        ["noise-scale.covariance-trace"] = new(
            "Trace of the gradient covariance",
            "tr Σ",
            "Σ is the covariance of the gradients of single samples."
        ),
        ["consecutive-gradient-cosine"] = new(
            "Cosine of consecutive mini-batch gradients",
            "cos(g\u209c₋₁, g\u209c)",
            "The cosine of the angle between the mini-batch gradients of two consecutive steps, each at its own parameters.",
            MayBeLog: false
        ),
        ["loss-increment.predicted-variance"] = new(
            "Predicted variance of the loss increment",
            "Var Δ\u209c",
            "The variance of L(θ\u209c₊₁) − L(θ\u209c) given θ\u209c, to second order in the update."
        ),
        ["principal-angles"] = new(
            "Principal angles between the top spaces of H and M",
            "cos γᵢ",
            "γᵢ are the principal angles between the spaces of the k largest eigenvalues of the Hessian H and of the gradient second moment M."
        ),
        ["spectral-density"] = new(
            "Spectral density of the Hessian",
            "density",
            "The share of H's eigenvalues per unit of the axis, from stochastic Lanczos quadrature."
        ),
    };

    /// <summary>The label of a quantity or one of its parts; of an unlisted one its name and its summary.</summary>
    /// <param name="quantity">Name of the quantity.</param>
    /// <param name="part">Name of the part, or null.</param>
    public static QuantityLabel Of(string quantity, string? part = null)
    {
        string name = part is null ? quantity : $"{quantity}.{part}";
        if (Known.TryGetValue(name, out QuantityLabel? label))
        {
            return label;
        }

        string words = name.Replace('-', ' ').Replace(".", ": ", StringComparison.Ordinal);
        string summary = QuantityCatalogue.Find(quantity)?.Summary ?? string.Empty;
        return new QuantityLabel(char.ToUpperInvariant(words[0]) + words[1..], words, summary);
    }
}
