using System.Buffers.Binary;
using System.Text.Json;
using Orca.Model.Embedded;
using Orca.Model.Network;

namespace Orca.EndToEnd.Tests;

/// <summary>A model of zeros, a gigabyte of them in forty layers: it takes no room on the disk, and seconds to do anything with.</summary>
internal static class HollowModel
{
    /// <summary>Makes it in a folder.</summary>
    public static void Make(string folder, int layers = 40)
    {
        var config = EmbeddedStudent.Config with
        {
            Layers = layers,
            HiddenSize = 1_024,
            IntermediateSize = 4_096,
            Heads = 16,
            KvHeads = 16,
            HeadDim = 64,
        };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        EmbeddedStudent.Tokenizer.Save(folder);
        EmbeddedStudent.Template.Save(folder);
        var offset = 0L;
        var tensors = new Dictionary<string, object>();
        foreach (var weight in LlamaParameters.ShapesOf(config))
        {
            tensors.Add(
                weight.Name, new { dtype = "BF16", shape = weight.Shape, data_offsets = new[] { offset, offset += 2 * weight.Count } });
        }

        var header = JsonSerializer.SerializeToUtf8Bytes(tensors);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        file.Write([.. length, .. header]);
        file.SetLength(8 + header.Length + offset);
    }
}
