using System.Runtime.InteropServices;

namespace Orca.Serving.Sampling.Json;

/// <summary>One value that is not complete yet. Plain numbers, so that a state can be copied, compared and kept as a key.</summary>
/// <param name="Kind">What is being written.</param>
/// <param name="Phase">Where within it.</param>
/// <param name="Shape">Number of its shape.</param>
/// <param name="A">A count or a position; what it counts depends on the kind.</param>
/// <param name="B">Another.</param>
/// <param name="C">Another.</param>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal record struct Frame(FrameKind Kind, Phase Phase, int Shape, int A, int B, int C);

/// <summary>What a frame writes.</summary>
internal enum FrameKind : short
{
    /// <summary>Below everything. A: white space in a row; B: objects and arrays that are open.</summary>
    Ground,

    /// <summary>A value that has not begun.</summary>
    Value,

    /// <summary>
    /// A text of an automaton. A: its state; B: bits of a character whose bytes are not all there; C: bytes that lack, and bytes in
    /// all.
    /// </summary>
    Text,

    /// <summary>A string. A: characters so far; B: least and most of the byte that must follow, within a character.</summary>
    String,

    /// <summary>
    /// An object. A: the property that comes next, or is written; B: position in the tree of names, -1 for a name that is not of it.
    /// </summary>
    Object,

    /// <summary>An array. A: elements so far.</summary>
    Array,
}

/// <summary>Where a frame is within what it writes.</summary>
internal enum Phase : short
{
    /// <summary>Nothing of it is there but what opens it.</summary>
    Start,

    /// <summary>A string: after a backslash.</summary>
    Escape,

    /// <summary>A string: the first digit of four; then the others.</summary>
    Hex1,

    Hex2,

    /// <summary>The second digit after a D, where half of a surrogate pair must be avoided.</summary>
    Hex2NoSurrogate,

    Hex3,

    Hex4,

    /// <summary>A string: one, two or three more bytes of a character.</summary>
    Rest1,

    Rest2,

    Rest3,

    /// <summary>An object: a name must begin.</summary>
    NextName,

    /// <summary>An object: within a name.</summary>
    Name,

    /// <summary>An object: after a name.</summary>
    Colon,

    /// <summary>An object or array: after a value.</summary>
    AfterValue,
}
