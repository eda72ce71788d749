namespace Hesse.Reports;

/// <summary>What figures call the quantities and their parts; others go by their names.</summary>
internal static class QuantityLabels
{
    /// <summary>By quantity, or quantity.part.</summary>
    public static IReadOnlyDictionary<string, QuantityLabel> Known { get; } =
        new Dictionary<string, QuantityLabel>(StringComparer.Ordinal)
        {
            ["loss"] = new(
                "Training loss",
                "training loss L(θ\u209c)",
                "L is the mean loss over all training samples."
            ),
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
            ["hessian-spectrum"] = new(
                "Spectrum of the Hessian H",
                "λᵢ(H)",
                "H is the Hessian of the mean training loss."
            ),
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
            ["oscillation-variance"] = new(
                "Variance of descent's oscillation, predicted",
                "tr Σ",
                "Σ is the covariance of gradient descent's oscillation about its central flow, averaged over the latest tick of the flow."
            ),
            ["oscillation-variance.averaged-loss"] = new(
                "Loss of descent, predicted by its central flow",
                "L(θ\u209c) + tr Σ / η",
                "The flow's loss and what the oscillation about it adds on average; η is the step size of descent."
            ),
            ["spectral-density"] = new(
                "Spectral density of the Hessian",
                "density",
                "The share of H's eigenvalues per unit of the axis, from stochastic Lanczos quadrature."
            ),
            ["pac-bayes-bound"] = new(
                "PAC-Bayes bound",
                "bound on the error of Q",
                "The error of the normal distribution Q around θ\u209c is below it with probability 1 − δ.",
                MayBeLog: false
            ),
            ["pac-bayes-bound.pinsker"] = new(
                "PAC-Bayes bound by Pinsker's inequality",
                "bound on the error of Q",
                "The same bound through Pinsker's inequality, which is looser.",
                MayBeLog: false
            ),
            ["pac-bayes-bound.divergence"] = new(
                "Divergence in the PAC-Bayes bound",
                "nats",
                "Effective curvature and weighted distance together: at least the divergence of Q from the prior."
            ),
            ["pac-bayes-bound.effective-curvature"] = new(
                "Effective curvature in the PAC-Bayes bound",
                "nats",
                "Half the sum of ln(νσ²) over the parameters, where ν is the curvature or, where that is smaller, the prior's 1/σ²."
            ),
            ["pac-bayes-bound.weighted-norm"] = new(
                "Weighted distance in the PAC-Bayes bound",
                "nats",
                "Half the sum of the squared distances from the initial parameters, each over the prior's variance."
            ),
            ["pac-bayes-bound.gibbs-error"] = new(
                "Training error of Q",
                "share of wrong answers",
                "The mean training error of parameters drawn from the normal distribution Q around θ\u209c.",
                MayBeLog: false
            ),
            ["pac-bayes-bound.train-error"] = new(
                "Training error",
                "share of wrong answers",
                "The share of training samples whose class is wrong.",
                MayBeLog: false
            ),
            ["pac-bayes-bound.test-error"] = new(
                "Test error",
                "share of wrong answers",
                "The share of test samples whose class is wrong.",
                MayBeLog: false
            ),
            ["stability-twins"] = new(
                "Distance of twins whose data differ in one sample",
                "squared distance",
                "The mean squared distance between θ\u209c and twins with the same start and the same rows, but for one sample."
            ),
            ["stability-twins.loss-sum"] = new(
                "Sum of squared step sizes times losses",
                "Σ η² L",
                "The sum over the steps before t of the squared step size times the training loss."
            ),
            ["stability-twins.bound-over-smoothness"] = new(
                "Bound on the distance of twins, over the smoothness",
                "squared distance",
                "8(1 + t/N)/N Σ η² L, to be multiplied by the loss's smoothness."
            ),
            ["stability-twins.gap"] = new(
                "Generalisation gap",
                "test loss − training loss",
                "Test loss minus training loss.",
                MayBeLog: false
            ),
            ["information-bound"] = new(
                "Information-theoretic bound on the gap",
                "bound on the gap",
                "Bounds the expected difference of test loss and training loss of noisy SGD."
            ),
            ["information-bound.variance"] = new(
                "Variance of the gradients along the path",
                "variance",
                "The sum over the steps before t of the gradients' variance, scaled by step size and noise."
            ),
            ["information-bound.sensitivity"] = new(
                "Sensitivity of the gradients along the path",
                "sensitivity",
                "The sum over the steps before t of how much the mean gradient changes under the noise, scaled alike."
            ),
            ["information-bound.output"] = new(
                "Effect of the noise at the end of the path",
                "loss",
                "What the noise changes of the training loss minus what it changes of the test loss.",
                MayBeLog: false
            ),
            ["information-bound.gap"] = new(
                "Generalisation gap",
                "test loss − training loss",
                "Test loss minus training loss.",
                MayBeLog: false
            ),
            ["early-stopping"] = new(
                "Variance of the outputs",
                "variance of outputs",
                "The variance of the outputs over a window of observations."
            ),
            ["early-stopping.best-step"] = new(
                "Step of the least variance so far",
                "step",
                "The step at which the variance of the outputs was least so far; −1 before there is one.",
                MayBeLog: false
            ),
            ["early-stopping.stopped"] = new(
                "Whether the training counts as stopped",
                "stopped",
                "1 once the variance has not fallen for as long as the patience, else 0.",
                MayBeLog: false
            ),
            ["early-stopping.gap"] = new(
                "Test loss above its least",
                "test loss",
                "The test loss at the picked step minus the least so far.",
                MayBeLog: false
            ),
            ["noise-gaussianity.accepted"] = new(
                "Directions that pass the Shapiro\u2013Wilk test",
                "share accepted",
                "The share of random directions in which the noise of mini-batches passes as normal at 5 %.",
                MayBeLog: false
            ),
            ["noise-gaussianity.anderson-darling-accepted"] = new(
                "Directions that pass the Anderson\u2013Darling test",
                "share accepted",
                "The share of random directions in which the noise of mini-batches passes as normal at 5 %.",
                MayBeLog: false
            ),
            ["noise-gaussianity.gaussian-accepted"] = new(
                "Normal samples that pass the Shapiro\u2013Wilk test",
                "share accepted",
                "The share of as many samples of normal numbers that pass: what the noise is held against.",
                MayBeLog: false
            ),
            ["noise-gaussianity.gaussian-anderson-darling-accepted"] = new(
                "Normal samples that pass the Anderson\u2013Darling test",
                "share accepted",
                "The share of as many samples of normal numbers that pass: what the noise is held against.",
                MayBeLog: false
            ),
            ["tail-index.pooled"] = new(
                "Tail index of all coordinates pooled",
                "α",
                "The published estimate, from all coordinates as one sample; different scales look like heavy tails.",
                MayBeLog: false
            ),
            ["tail-index.coordinates"] = new(
                "Tail index from sums of one coordinate",
                "α",
                "The estimate from sums over mini-batches of one coordinate at a time.",
                MayBeLog: false
            ),
            ["noise-scale.unbiased"] = new(
                "Gradient-noise scale, unbiased",
                "tr Σ / |G|²",
                "The trace of the covariance Σ of single gradients over the unbiased estimate of the squared gradient norm; undefined where the noise hides the gradient."
            ),
            ["noise-scale.squared-gradient"] = new(
                "Squared gradient norm, unbiased",
                "|G|²",
                "‖g‖² − tr Σ / N; negative where the noise hides the gradient.",
                MayBeLog: false
            ),
        };
}
