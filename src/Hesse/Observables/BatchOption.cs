namespace Hesse.Observables;

/// <summary>The option batch of quantities that draw mini-batches of their own.</summary>
internal static class BatchOption
{
    /// <summary>0 stands for the size of the training's mini-batches.</summary>
    public static QuantityOption Option { get; } =
        QuantityOption.Whole(
            "batch",
            0,
            0,
            int.MaxValue,
            "Rows of a mini-batch, fewer than N; 0: as many as a mini-batch of the training has, in a probe --batch."
        );

    /// <summary>Refuses more numbers than an array holds.</summary>
    /// <exception cref="HesseException">71</exception>
    public static void RequireRoom(string quantity, long rows, int width, string what)
    {
        if (rows * width > Array.MaxLength)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"{quantity}: {rows} {what} of {width} numbers are more than {Array.MaxLength}; ask for fewer"
            );
        }
    }

    /// <summary>The size that is meant.</summary>
    /// <param name="quantity">Its name.</param>
    /// <param name="asked">The option.</param>
    /// <param name="samples">N</param>
    /// <param name="training">Rows of a mini-batch of the training, null where none is given.</param>
    /// <exception cref="HesseException">64: none is given; 65: it leaves no noise.</exception>
    public static int Size(string quantity, int asked, int samples, int? training)
    {
        int size =
            asked > 0
                ? asked
                : training
                    ?? throw new HesseException(
                        ExitCode.Usage,
                        $"{quantity} needs mini-batches; give --batch, or --set {quantity}.batch=B"
                    );
        return size < samples
            ? size
            : throw new HesseException(
                ExitCode.BadData,
                $"{quantity}: mini-batches of {size} rows have no noise, the data has {samples}; give a smaller batch"
            );
    }
}
