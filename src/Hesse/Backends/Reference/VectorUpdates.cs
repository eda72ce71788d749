using Hesse.Backends.Stepwise;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Reference;

/// <summary>The scalar rules, in double.</summary>
internal sealed class VectorUpdates(TrainingProblem problem, int vectors) : IVectorUpdates
{
    private readonly UpdateRule _rule = UpdateRule.Create(problem.Optimizer);
    private readonly double[][] _state = // [vector] (P, state)
    [
        .. Enumerable
            .Range(0, vectors)
            .Select(_ => new double[problem.Network.ParameterCount * UpdateRule.Create(problem.Optimizer).StateCount]),
    ];

    public bool LooksAhead => _rule.LooksAhead;

    public int StateCount => _rule.StateCount;

    public void CopyState(int vector, Span<double> state)
    {
        int p = problem.Network.ParameterCount;
        for (int i = 0; i < state.Length; i++)
        {
            state[i] = State(vector, i % p)[i / p];
        }
    }

    public void Transfer(int vector, StateTransfer transfer) => transfer.Numbers<double>(_state[vector]);

    public void GradientPoint(int thread, int vector, ReadOnlySpan<double> parameters, Span<double> point)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            point[i] = parameters[i] + (LooksAhead ? State(vector, i)[0] : 0);
        }
    }

    public void Run(int thread, int vector, int step, Span<double> parameters, ReadOnlySpan<double> gradient)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = _rule.Update(step, parameters[i], gradient[i], State(vector, i));
        }

        if (problem.Optimizer.RescaleWeights)
        {
            WeightRescaling.Run(problem.Network, parameters);
        }
    }

    public void Dispose() { }

    private Span<double> State(int vector, int parameter) =>
        _state[vector].AsSpan(parameter * _rule.StateCount, _rule.StateCount);
}
