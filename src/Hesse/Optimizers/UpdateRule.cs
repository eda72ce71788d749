using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// An update rule on scalars: what one parameter becomes, given its gradient, its own state and the number of updates made so
/// far. The reference backend trains with it; Backends/Cpu/Updates holds the same rules on registers.
/// </summary>
internal abstract class UpdateRule
{
    /// <summary>Numbers that a parameter carries from one update to the next, zero at the start.</summary>
    public virtual int StateCount => 0;

    /// <summary>Whether the gradient is taken at theta + state[0] instead of theta.</summary>
    public virtual bool LooksAhead => false;

    /// <summary>One update of one parameter.</summary>
    /// <param name="step">Updates made so far: where schedules are read.</param>
    /// <param name="parameter">theta</param>
    /// <param name="gradient">g of the mean loss over the mini-batch.</param>
    /// <param name="state">Its <see cref="StateCount"/> numbers, changed.</param>
    /// <returns>The new theta.</returns>
    public abstract double Update(int step, double parameter, double gradient, Span<double> state);

    /// <summary>
    /// What the rule divides a parameter's step by, from its state after this many updates, at least one: root of the second moment
    /// with its corrections, plus epsilon. Null where the rule divides by nothing.
    /// </summary>
    /// <param name="updates">Updates made so far.</param>
    /// <param name="state">The parameter's numbers.</param>
    public virtual double? Preconditioner(int updates, ReadOnlySpan<double> state) => null;

    /// <summary>
    /// The next update as theta - (drift + scale g), where a running mean of squares takes the expected square of the gradient in
    /// the place of its square. Null where the rule is not of this form.
    /// </summary>
    /// <param name="step">Updates made so far: where schedules are read.</param>
    /// <param name="parameter">theta</param>
    /// <param name="state">The parameter's numbers.</param>
    /// <param name="mean">Expected gradient.</param>
    /// <param name="variance">Its variance.</param>
    public virtual AffineUpdate? Affine(
        int step,
        double parameter,
        ReadOnlySpan<double> state,
        double mean,
        double variance
    ) => null;

    /// <summary>The rule of a spec.</summary>
    public static UpdateRule Create(OptimizerSpec spec) =>
        spec switch
        {
            SgdSpec sgd => new Sgd(sgd),
            MomentumSpec momentum => new Momentum(momentum),
            NesterovSpec nesterov => new Nesterov(nesterov),
            AdamSpec adam => new Adam(adam),
            AdamWSpec adamW => new AdamW(adamW),
            RmsPropSpec rmsProp => new RmsProp(rmsProp),
            AdagradSpec adagrad => new Adagrad(adagrad),
            MassSpec mass => new Mass(mass),
            PnmSpec pnm => new Pnm(pnm),
            AdaPnmSpec adaPnm => new AdaPnm(adaPnm),
            SignSgdSpec signSgd => new SignSgd(signSgd),
            _ => throw new HesseException(ExitCode.BadData, $"no update rule for a {spec.GetType().Name}"),
        };
}

/// <summary>An update theta - (Drift + Scale g) of one parameter.</summary>
/// <param name="Drift">What the parameter and its state move by themselves.</param>
/// <param name="Scale">What the gradient is multiplied with.</param>
internal readonly record struct AffineUpdate(double Drift, double Scale);
