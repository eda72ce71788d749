namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        VectorProducts(points, vectors, products, static derivative => derivative.BackwardHessian());

    // For every replica and vector: sum over samples of (R delta_l a_{l-1}^T + delta_l (R a_{l-1})^T), bias part R delta_l.
    private static void VectorProducts(
        Points points,
        ReadOnlySpan<double> vectors,
        Span<double> products,
        Action<DirectionalDerivative> backward
    )
    {
        int p = points.Network.ParameterCount;
        long each = products.Length / ((long)points.Replicas * p);
        bool shared = vectors.Length == each * p;
        if (!shared && vectors.Length != points.Replicas * each * p)
        {
            throw new ArgumentException(
                $"{vectors.Length} numbers were given for the vectors, {each * p} or {points.Replicas * each * p} are needed"
            );
        }

        double[] directions = vectors.ToArray();
        ForEachReplica(
            points,
            products,
            each * p,
            (replica, own) =>
            {
                foreach (SamplePass pass in SamplePass.All(points, replica, 1.0 / points.Samples))
                {
                    for (int v = 0; v < each; v++)
                    {
                        int from = (int)((((shared ? 0 : replica) * each) + v) * p);
                        DirectionalDerivative derivative = new(pass, directions.AsMemory(from, p));
                        backward(derivative);
                        derivative.AddProduct(own.Slice(v * p, p));
                    }
                }
            }
        );
    }
}
