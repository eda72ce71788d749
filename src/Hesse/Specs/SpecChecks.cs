using Hesse.Networks;
using Hesse.Observables;

namespace Hesse.Specs;

/// <summary>What several keys must satisfy together. Every check names the key at which the user would mend it.</summary>
internal static class SpecChecks
{
    /// <summary>Notes every fault; checks whose keys are faulty already stay silent.</summary>
    /// <param name="spec">The spec, with placeholders where faults were found.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <param name="locate">Where a key stands.</param>
    public static void Check(Spec spec, SpecFaults faults, Func<string, SpecOrigin> locate)
    {
        void Fault(string path, string message) => faults.Add(locate(path), path, message);

        CheckNetwork(spec.Network, faults, Fault);
        CheckBatch(spec, faults, Fault);
        CheckFlow(spec, faults, Fault);
        WorkersSection.Check(spec, faults, Fault);
        CheckData(spec.Data, faults, Fault);
        if (
            faults.Sound("loss", "data")
            && spec is { Loss: Loss.Logistic, Data: GaussDataSpec { Classes: > 2 and int classes } }
        )
        {
            Fault("loss", $"logistic needs one output, that is two classes; data has {classes}");
        }

        if (
            faults.Sound("loss", "data")
            && spec is { Loss: Loss.CrossEntropy or Loss.Logistic, Data: RegressionDataSpec }
        )
        {
            Fault("loss", "needs classes, but the targets of these data are numbers: take mse or half-squared-error");
        }

        if (faults.Sound("data", "network.hidden", "network.bias", "loss"))
        {
            CheckSize(spec, Fault);
        }

        CheckObserve(spec, faults, Fault);
    }

    private static void CheckNetwork(NetworkSpec network, SpecFaults faults, Action<string, string> fault)
    {
        int layers = network.Hidden.Count + 1;
        if (faults.Sound("network.hidden", "network.bias") && network.Bias.Count != 1 && network.Bias.Count != layers)
        {
            fault("network.bias", $"has {network.Bias.Count} values for {layers} layers; give one, or one a layer");
        }

        if (
            faults.Sound("network.hidden", "network.gain")
            && network.Gain is { } gain
            && gain.Count != 1
            && gain.Count != layers
        )
        {
            fault("network.gain", $"has {gain.Count} values for {layers} layers; give one, or one a layer");
        }

        if (!faults.Sound("network.initialization"))
        {
            return;
        }

        bool fromFile = network.Initialization == Initialization.Npy;
        if (fromFile && network.InitialParameters is null && faults.Sound("network.initial-parameters"))
        {
            fault("network.initialization", "npy needs the file: set network.initial-parameters");
        }

        if (!fromFile && network.InitialParameters is not null)
        {
            fault("network.initial-parameters", "is only read with network.initialization: npy");
        }

        if (network.Gain is not null && network.Initialization is Initialization.Npy or Initialization.Pytorch)
        {
            fault("network.gain", "goes with the he and xavier initialisations only");
        }
    }

    private static void CheckBatch(Spec spec, SpecFaults faults, Action<string, string> fault)
    {
        if (!faults.Sound("training.batch"))
        {
            return;
        }

        BatchSpec batch = spec.Training.Batch;
        if (
            batch.Order != BatchOrder.Full
            && faults.Sound("training.optimizer")
            && spec.Training.Optimizer is GradientFlowSpec
        )
        {
            fault("training.batch.order", "gradient-flow follows the gradient of all samples: take order full");
        }

        if (batch is { Order: BatchOrder.Full, Size: not null })
        {
            fault("training.batch.size", "order full takes all samples: leave size out");
        }
        else if (batch is { Order: not BatchOrder.Full, Size: null })
        {
            fault("training.batch", "size is missing; only order full has none");
        }
        else if (faults.Sound("data") && ShapeOf(spec.Data) is { } shape && batch.Size > shape.Samples)
        {
            fault("training.batch.size", $"{batch.Size} is more than the {shape.Samples} training samples");
        }
    }

    private static void CheckFlow(Spec spec, SpecFaults faults, Action<string, string> fault)
    {
        if (!faults.Sound("training.optimizer") || spec.Training.Optimizer is not GradientFlowSpec flow)
        {
            return;
        }

        bool central = flow.Method == FlowMethod.Central;
        if (central && flow.StepSize is null)
        {
            fault("training.optimizer", "method central needs step-size, that of the descent whose time average it is");
        }
        else if (!central && flow.StepSize is not null)
        {
            fault(
                "training.optimizer.step-size",
                "is only read with method: central; tick is the time of a training step"
            );
        }

        if (central && spec.Precision != Precision.Float64 && faults.Sound("precision"))
        {
            fault("precision", "method central takes differences of Hessian-vector products: take float64");
        }
    }

    private static void CheckData(DataSpec data, SpecFaults faults, Action<string, string> fault)
    {
        if (!faults.Sound("data"))
        {
            return;
        }

        switch (data)
        {
            case IdxDataSpec idx when idx.TestImages is null != idx.TestLabels is null:
                fault("data", "test-images and test-labels go together; one is missing");
                break;
            case NpyDataSpec npy when npy.TestInputs is null != npy.TestTargets is null:
                fault("data", "test-inputs and test-targets go together; one is missing");
                break;
            case LinearDataSpec linear when linear.Samples < linear.Dimension:
                fault("data.samples", $"{linear.Samples} samples span no {linear.Dimension} orthogonal columns");
                break;
            case TeacherDataSpec teacher when teacher.Scales.Count != 1 && teacher.Scales.Count != teacher.Dimension:
                fault(
                    "data.scales",
                    $"has {teacher.Scales.Count} values for dimension {teacher.Dimension}; give one, or one a coordinate"
                );
                break;
        }

        IReadOnlyList<int> classes = data switch
        {
            IdxDataSpec idx => idx.Classes ?? [],
            Cifar10DataSpec cifar => cifar.Classes ?? [],
            _ => [],
        };
        if (classes.Distinct().Count() != classes.Count)
        {
            fault("data.classes", "names a class twice");
        }

        if (data is Cifar10DataSpec && classes.Any(label => label > 9))
        {
            fault("data.classes", "CIFAR-10 has the classes 0 .. 9");
        }
    }

    private static void CheckSize(Spec spec, Action<string, string> fault)
    {
        // Widths that are known only with the files are checked with them; 1 is their least value.
        (_, _, int dimension, int outputs) = ShapeOf(spec.Data) ?? (1, 0, 1, 1);
        try
        {
            spec.CreateNetwork(dimension, outputs);
        }
        catch (HesseException tooLarge)
        {
            fault("network.hidden", tooLarge.Message);
        }
    }

    private static void CheckObserve(Spec spec, SpecFaults faults, Action<string, string> fault)
    {
        Dictionary<string, int> seen = [];
        for (int index = 0; index < spec.Observe.Count; index++)
        {
            ObservationSpec observation = spec.Observe[index];
            string place = $"observe[{index}]";
            if (faults.Sound($"{place}.quantity"))
            {
                if (!seen.TryAdd(observation.Quantity, index))
                {
                    fault(
                        $"{place}.quantity",
                        $"{observation.Quantity} stands in observe already; a quantity stands once"
                    );
                }

                if (
                    QuantityCatalogue.Find(observation.Quantity) is { NeedsTestData: true }
                    && faults.Sound("data")
                    && !HasTestData(spec.Data)
                )
                {
                    fault($"{place}.quantity", $"{observation.Quantity} needs test data: {TestKeys(spec.Data)}");
                }
            }

            bool listed = observation.Every is null && observation.LogSpaced is null;
            if (listed && faults.Sound($"{place}.at", "training.steps") && observation.Times.Count > 0)
            {
                int last = observation.Times.Count - 1;
                if (observation.Times[last] > spec.Training.Steps)
                {
                    fault(
                        $"{place}.at[{last}]",
                        $"{observation.Times[last]} lies after the last step, training.steps = {spec.Training.Steps}"
                    );
                }
            }
        }
    }

    private static bool HasTestData(DataSpec data) =>
        data switch
        {
            GaussDataSpec or RegressionDataSpec => ShapeOf(data)!.Value.TestSamples > 0,
            IdxDataSpec idx => idx.TestImages is not null,
            NpyDataSpec npy => npy.TestInputs is not null,
            _ => true,
        };

    /// <summary>N, test samples, d and C of generated data; null where only the files tell.</summary>
    private static (int Samples, int TestSamples, int Dimension, int Outputs)? ShapeOf(DataSpec data) =>
        data switch
        {
            GaussDataSpec gauss => (gauss.Samples, gauss.TestSamples, gauss.Dimension, gauss.Classes),
            RegressionDataSpec regression => regression.Shape,
            _ => null,
        };

    private static string TestKeys(DataSpec data) =>
        data switch
        {
            GaussDataSpec or DecoupledDataSpec or TeacherDataSpec => "set data.test-samples",
            RegressionDataSpec => "data of this kind have none",
            IdxDataSpec => "set data.test-images and data.test-labels",
            _ => "set data.test-inputs and data.test-targets",
        };
}
