using System.Runtime.InteropServices;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Rows or columns of a register tile: the size of the structure, since <c>sizeof</c> is a number as soon as the compiler at run time
/// reads it. It leaves out the branches that it decides before it looks at what they call; with a property it would first put all
/// calls of a 5 x 5 tile into a tile of 1 x 2.
/// </summary>
internal interface IExtent;

[StructLayout(LayoutKind.Sequential, Size = 1)]
internal readonly struct Extent1 : IExtent;

[StructLayout(LayoutKind.Sequential, Size = 2)]
internal readonly struct Extent2 : IExtent;

[StructLayout(LayoutKind.Sequential, Size = 3)]
internal readonly struct Extent3 : IExtent;

[StructLayout(LayoutKind.Sequential, Size = 4)]
internal readonly struct Extent4 : IExtent;

[StructLayout(LayoutKind.Sequential, Size = 5)]
internal readonly struct Extent5 : IExtent;

[StructLayout(LayoutKind.Sequential, Size = 6)]
internal readonly struct Extent6 : IExtent;
