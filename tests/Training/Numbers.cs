using Orca.Tests.Shared;
using Orca.Training.Parameters;
using TorchSharp;

namespace Orca.Training.Tests;

/// <summary>A student's parameters as plain numbers: one parameter after another, in the order of their names in the buckets.</summary>
internal static class Numbers
{
    public static float[] AllWeights(this StudentParameters parameters) =>
        [.. parameters.Names.SelectMany(name => Of(parameters.Weights(name)))];

    public static float[] AllGradients(this StudentParameters parameters) =>
        [.. parameters.Names.SelectMany(name => Of(parameters.Gradient(name)))];

    /// <summary>Where a parameter's numbers begin in those arrays, and how many they are.</summary>
    public static IEnumerable<(string Name, int Offset, int Count)> Places(this StudentParameters parameters)
    {
        var offset = 0;
        foreach (var slot in parameters.Buckets.SelectMany(bucket => bucket.Layout.Slots))
        {
            yield return (slot.Name, offset, (int)slot.Count);
            offset += (int)slot.Count;
        }
    }

    public static void SetWeights(this StudentParameters parameters, float[] values)
    {
        foreach (var (name, offset, count) in parameters.Places())
        {
            using var shaped = parameters.Weights(name);
            using var tensor = torch.tensor(values[offset..(offset + count)]).reshape(shaped.shape);
            parameters.Load(name, tensor);
        }
    }

    public static void SetGradients(this StudentParameters parameters, float[] values)
    {
        foreach (var (name, offset, count) in parameters.Places())
        {
            var (bucket, slot) = parameters.Buckets.SelectMany(bucket => bucket.Layout.Slots.Select(slot => (bucket, slot)))
                .First(place => place.slot.Name == name);
            using var tensor = torch.tensor(values[offset..(offset + count)]);
            bucket.Gradients.Write(slot.Offset, tensor);
        }
    }

    /// <summary>A tensor's numbers, flat; frees it.</summary>
    public static float[] Of(torch.Tensor tensor)
    {
        using (tensor)
        {
            return tensor.Floats();
        }
    }
}
