using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Products;

/// <summary>Vectors at the end of a row, where fewer values are left than a vector has.</summary>
internal static unsafe class PartVector
{
    /// <summary>Loads up to 16 values; the others are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from, int count) =>
        count == Vector512<float>.Count ? Vector512.Load(from) : LoadFirst(from, count);

    /// <summary>Stores the first values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, float* to, int count)
    {
        if (count == Vector512<float>.Count)
        {
            values.Store(to);
        }
        else
        {
            StoreFirst(values, to, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadFirst(float* from, int count)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.MaskLoad(from, First(count), Vector512<float>.Zero);
        }

        var values = stackalloc float[Vector512<float>.Count];
        new Span<float>(from, count).CopyTo(new Span<float>(values, count));
        return Vector512.Load(values);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFirst(Vector512<float> values, float* to, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(to, First(count), values);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            to[i] = values.GetElement(i);
        }
    }

    private static Vector512<float> First(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
