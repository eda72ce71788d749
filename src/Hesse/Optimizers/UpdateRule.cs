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
