using Hesse.Data;
using Hesse.Optimizers;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Reference;

/// <summary>Replicas trained one after the other, in double whatever the training precision.</summary>
internal sealed class ReferenceReplicas : IReplicas
{
    private readonly TrainingProblem _problem;
    private readonly SgdSpec _optimizer;
    private readonly DataSet _data;
    private readonly BatchIndices _indices;
    private readonly double[][] _parameters; // [replica] (P)

    public ReferenceReplicas(TrainingProblem problem, int first, int count)
    {
        _problem = problem;
        _optimizer =
            problem.Optimizer as SgdSpec
            ?? throw new HesseException(
                ExitCode.BadData,
                $"the reference backend trains with sgd, not with {problem.Optimizer.GetType().Name}"
            );
        First = first;
        Count = count;
        _data = problem.Data.Training(first, count).ForNetwork(problem.Network);
        _indices = new BatchIndices(problem.Seed, _data.Samples, problem.Batch);
        _parameters = new double[count][];
        for (int replica = 0; replica < count; replica++)
        {
            _parameters[replica] = new double[problem.Network.ParameterCount];
            problem.InitialPoint(first + replica, _parameters[replica]);
        }
    }

    public int First { get; }

    public int Count { get; }

    public int Step { get; private set; }

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
        int size = _indices.BatchSize(Step);
        for (int b = 0; b < size; b++)
        {
            int row = _indices.Row(First + replica, Step, b);
            SamplePass pass = new(_problem.Network, parameters, new Sample(_data, replica, row), 1.0 / size);
            ReferenceBackend.AddGradient(pass, gradient);
        }

        double stepSize = _optimizer.StepSize.At(Step);
        double weightDecay = _optimizer.WeightDecay.At(Step);
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = Sgd.Update(parameters[i], gradient[i], stepSize, weightDecay);
        }
    }
}
