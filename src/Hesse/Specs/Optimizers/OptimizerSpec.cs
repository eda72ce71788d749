namespace Hesse.Specs;

/// <summary>An update rule with its numbers. One record a rule, beside its keys; the formulas are in Optimizers/.</summary>
public abstract record OptimizerSpec
{
    /// <summary>Whether every weight matrix is scaled to unit Frobenius norm after each update (WRS); biases and state are not.</summary>
    public bool RescaleWeights { get; init; }

    /// <summary>Whether an update needs no more than a gradient and each parameter's own past; the others ask for curvature or many gradients.</summary>
    internal virtual bool IsElementWise => true;
}
