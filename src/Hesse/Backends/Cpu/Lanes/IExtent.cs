namespace Hesse.Backends.Cpu.Lanes;

/// <summary>Rows or columns of a register tile, a compile-time number: the JIT drops the branches that it decides.</summary>
internal interface IExtent
{
    static abstract int Value { get; }
}

internal readonly struct Extent1 : IExtent
{
    public static int Value => 1;
}

internal readonly struct Extent2 : IExtent
{
    public static int Value => 2;
}

internal readonly struct Extent3 : IExtent
{
    public static int Value => 3;
}

internal readonly struct Extent4 : IExtent
{
    public static int Value => 4;
}

internal readonly struct Extent5 : IExtent
{
    public static int Value => 5;
}

internal readonly struct Extent6 : IExtent
{
    public static int Value => 6;
}
