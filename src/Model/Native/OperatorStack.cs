using System.Runtime.InteropServices;
using TorchSharp;

namespace Orca.Model.Native;

/// <summary>
/// Arguments of one call through libtorch's dispatcher, one 64-bit word each, as its stable C interface wants them.
/// The call takes over every handle put here.
/// </summary>
internal unsafe ref struct OperatorStack(Span<ulong> words)
{
    private readonly Span<ulong> words = words;
    private int count;

    /// <summary>The words put so far; after the call the first ones are its results.</summary>
    public readonly ReadOnlySpan<ulong> Words => words[..count];

    public void Add(torch.Tensor tensor) => words[count++] = Owned(tensor);

    public void Add(long value) => words[count++] = (ulong)value;

    public void Add(double value) => words[count++] = BitConverter.DoubleToUInt64Bits(value);

    public void Add(bool value) => words[count++] = value ? 1UL : 0UL;

    public void AddNone() => words[count++] = 0;

    /// <summary>An optional argument that may be absent.</summary>
    public void AddOptional(torch.Tensor? tensor) => words[count++] = tensor is null ? 0 : Boxed(Owned(tensor));

    /// <summary>An optional whole number that may be absent.</summary>
    public void AddOptional(long? value) => words[count++] = value is { } number ? Boxed((ulong)number) : 0;

    /// <summary>An optional argument that is present.</summary>
    public void AddOptional(double value) => words[count++] = Boxed(BitConverter.DoubleToUInt64Bits(value));

    public void Add(ReadOnlySpan<long> values)
    {
        var list = Aten.NewList(values.Length);
        foreach (var value in values)
        {
            Aten.PushBack(list, (ulong)value);
        }

        words[count++] = (ulong)list;
    }

    public void Add(IReadOnlyList<torch.Tensor> tensors)
    {
        var list = Aten.NewList(tensors.Count);
        for (var i = 0; i < tensors.Count; i++)
        {
            Aten.PushBack(list, Owned(tensors[i]));
        }

        words[count++] = (ulong)list;
    }

    private static ulong Owned(torch.Tensor tensor) => (ulong)Aten.NewHandle(tensor);

    // The call frees the word with C++'s delete, which on glibc is free.
    private static ulong Boxed(ulong value)
    {
        var word = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *word = value;
        return (ulong)word;
    }
}
