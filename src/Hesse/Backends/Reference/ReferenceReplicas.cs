using System.Runtime.InteropServices;
using Hesse.Data;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Reference;

/// <summary>Replicas trained one after the other, in double whatever the training precision.</summary>
internal sealed class ReferenceReplicas : IReplicas
{
    private readonly TrainingProblem _problem;
    private readonly UpdateRule[] _rules; // [replica]
    private readonly DataSet _data;
    private readonly BatchIndices _indices;
    private readonly double[][] _parameters; // [replica] (P)
    private readonly double[][] _state; // [replica] (P, state)

    public ReferenceReplicas(Wave wave)
    {
        _problem = wave.Problem;
        Wave = wave;
        _data = wave.Training();
        _indices = new BatchIndices(_problem.Seed, _data.Samples, _problem.Batch);
        _rules = new UpdateRule[Count];
        _parameters = new double[Count][];
        _state = new double[Count][];
        for (int replica = 0; replica < Count; replica++)
        {
            _rules[replica] = UpdateRule.Create(wave.ProblemOf(replica).Optimizer);
            _parameters[replica] = new double[_problem.Network.ParameterCount];
            _state[replica] = new double[_problem.Network.ParameterCount * StateCount];
            wave.InitialPoint(replica, _parameters[replica]);
        }
    }

    public Wave Wave { get; }

    public int Count => Wave.Count;

    public int Step { get; private set; }

    public int StateBytes(int step) => sizeof(double) * _problem.Network.ParameterCount * (1 + StateCount);

    public void SaveState(int replica, Span<byte> state)
    {
        Span<double> numbers = MemoryMarshal.Cast<byte, double>(state);
        _parameters[replica].CopyTo(numbers);
        _state[replica].CopyTo(numbers[_parameters[replica].Length..]);
    }

    public void LoadState(int step, int replica, ReadOnlySpan<byte> state)
    {
        ReadOnlySpan<double> numbers = MemoryMarshal.Cast<byte, double>(state);
        numbers[.._parameters[replica].Length].CopyTo(_parameters[replica]);
        numbers[_parameters[replica].Length..].CopyTo(_state[replica]);
        Step = step;
    }

    public void Advance(int steps)
    {
        for (int until = Step + steps; Step < until; Step++)
        {
            for (int replica = 0; replica < Count; replica++)
            {
                Update(replica);
            }
        }
    }

    public void CopyParameters(Span<double> parameters)
    {
        int p = _problem.Network.ParameterCount;
        for (int replica = 0; replica < Count; replica++)
        {
            _parameters[replica].CopyTo(parameters.Slice(replica * p, p));
        }
    }

    public int StateCount => _rules[0].StateCount;

    public void CopyState(Span<double> state)
    {
        int p = _problem.Network.ParameterCount;
        for (int replica = 0; replica < Count; replica++)
        {
            for (int k = 0; k < StateCount; k++)
            {
                Span<double> to = state.Slice(((replica * StateCount) + k) * p, p);
                for (int i = 0; i < p; i++)
                {
                    to[i] = State(replica, i)[k];
                }
            }
        }
    }

    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        data = data.ForNetwork(_problem.Network);
        for (int replica = 0; replica < Count; replica++)
        {
            double sum = 0;
            double right = 0;
            for (int row = 0; row < data.Samples; row++)
            {
                SamplePass pass = new(_problem.Network, _parameters[replica], new Sample(data, replica, row), 1);
                sum += pass.Loss;
                right += pass.IsRight ? 1 : 0;
            }

            if (!loss.IsEmpty)
            {
                loss[replica] = sum / data.Samples;
            }

            if (!accuracy.IsEmpty)
            {
                accuracy[replica] = right / data.Samples;
            }
        }
    }

    public void Dispose() { }

    // g of the mean loss over the mini-batch, its rows in the order of the batch; then the update rule.
    private void Update(int replica)
    {
        double[] parameters = _parameters[replica];
        double[] gradient = new double[parameters.Length];
        double[] point = GradientPoint(replica);
        int size = _indices.BatchSize(Step);
        for (int b = 0; b < size; b++)
        {
            int row = _indices.Row(Wave.Numbers[replica], Step, b);
            SamplePass pass = new(_problem.Network, point, new Sample(_data, replica, row), 1.0 / size);
            ReferenceBackend.AddGradient(pass, gradient);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = _rules[replica].Update(Step, parameters[i], gradient[i], State(replica, i));
        }

        if (_problem.Optimizer.RescaleWeights)
        {
            WeightRescaling.Run(_problem.Network, parameters);
        }
    }

    private Span<double> State(int replica, int parameter) =>
        _state[replica].AsSpan(parameter * StateCount, StateCount);

    private double[] GradientPoint(int replica) =>
        _rules[replica].LooksAhead
            ? [.. _parameters[replica].Select((theta, i) => theta + State(replica, i)[0])]
            : _parameters[replica];
}
