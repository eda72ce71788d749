using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// A function of z (and of a = phi(z), where that helps) on one register of doubles. It acts lane by lane: a lane's bits
/// depend on nothing but its own z and a. Floats are widened, computed here and rounded once.
/// </summary>
internal interface ILaneFunction
{
    static abstract TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>;
}

/// <summary>The same for functions of plain arithmetic and comparisons, which run in the format of their argument.</summary>
internal interface IArithmeticFunction
{
    static abstract TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
