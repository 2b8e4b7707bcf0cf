using Orca.Model.Weights;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Checkpoints;

/// <summary>
/// The optimizer's moments as tensors with names, as they are saved: <c>first_moment.</c> or <c>second_moment.</c> and the parameter's
/// name, in its shape, in float32; where they are kept in 8 bits, <c>.codes</c> and <c>.scales</c> behind it, flat, exactly as they lie.
/// </summary>
internal static class MomentTensors
{
    private const string FirstMoment = "first_moment.";
    private const string SecondMoment = "second_moment.";

    /// <summary>Them all, each as a view that the scope of whoever calls for it owns.</summary>
    public static IEnumerable<(string Name, Func<Tensor> Values)> Of(StudentParameters parameters) =>
        from moments in All(parameters)
        from part in moments.Store.Parts
        select (NameOf(moments.Name, part), (Func<Tensor>)(() => part.Name.Length == 0
            ? part.Of(moments.Slot).view([.. moments.Slot.Shape])
            : part.Of(moments.Slot)));

    /// <summary>Reads them, in whatever form they were saved; what the file does not hold stays zero.</summary>
    public static void Read(SafetensorsFile file, StudentParameters parameters)
    {
        using var guard = no_grad();
        foreach (var (name, slot, store) in All(parameters))
        {
            using var scope = NewDisposeScope();
            if (store.Parts.All(part => file.Contains(NameOf(name, part))))
            {
                foreach (var part in store.Parts)
                {
                    part.Of(slot).copy_(file.Map(NameOf(name, part)).flatten());
                }
            }
            else if (InFloat32(file, name, slot) is { } numbers)
            {
                ParameterBucket.SetNumbers(store, slot, numbers);
            }
        }
    }

    private static IEnumerable<(string Name, ParameterSlot Slot, NumberStore Store)> All(StudentParameters parameters) =>
        from bucket in parameters.Buckets
        from slot in bucket.Layout.Slots
        from moments in new[] { (Kind: FirstMoment, Store: bucket.FirstMoments), (Kind: SecondMoment, Store: bucket.SecondMoments) }
        where moments.Store is not null
        select (moments.Kind + slot.Name, slot, moments.Store);

    private static string NameOf(string name, StoredPart part) => part.Name.Length == 0 ? name : $"{name}.{part.Name}";

    // In the shape of the parameter; null where the file does not hold them.
    private static Tensor? InFloat32(SafetensorsFile file, string name, ParameterSlot slot)
    {
        if (file.Contains(name))
        {
            return file.Map(name);
        }

        using var store = new BlockInt8Store(slot.End - slot.Offset, name.StartsWith(FirstMoment, StringComparison.Ordinal), CPU);
        if (!store.Parts.All(part => file.Contains(NameOf(name, part))))
        {
            return null;
        }

        var alone = slot with { Offset = 0 };
        foreach (var part in store.Parts)
        {
            part.Of(alone).copy_(file.Map(NameOf(name, part)));
        }

        return ParameterBucket.Numbers(store, alone);
    }
}
