using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Conversion;

/// <summary>Writes a model as llama2.c's export does, from weights under Hugging Face names.</summary>
internal static class Llama2cFile
{
    public static void Write(string path, LlamaConfig config, IReadOnlyDictionary<string, Tensor> weights, bool legacy)
    {
        using var scope = NewDisposeScope();
        using var file = new BinaryWriter(File.Create(path));
        var untied = !config.TiedEmbeddings;
        if (!legacy)
        {
            file.Write(0x616b3432);
            file.Write(1);
        }

        file.Write(config.HiddenSize);
        file.Write(config.IntermediateSize);
        file.Write(config.Layers);
        file.Write(config.Heads);
        file.Write(config.KvHeads);
        file.Write(legacy && untied ? -config.VocabularySize : config.VocabularySize);
        file.Write(config.MaxPositions);
        if (legacy)
        {
            Put("model.embed_tokens");
            PutAll("input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj");
            Put("model.norm");
            file.Write(new byte[config.MaxPositions * config.HeadDim * sizeof(float)]);
        }
        else
        {
            file.Write(!untied);
            file.Write(new byte[256 - (int)file.BaseStream.Position]);
            PutAll("input_layernorm", "post_attention_layernorm");
            Put("model.norm");
            Put("model.embed_tokens");
            PutAll(
                "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj",
                "mlp.up_proj");
        }

        if (untied)
        {
            Put("lm_head");
        }

        void PutAll(params string[] kinds)
        {
            foreach (var kind in kinds)
            {
                for (var layer = 0; layer < config.Layers; layer++)
                {
                    Put($"model.layers.{layer}.{kind}");
                }
            }
        }

        void Put(string name)
        {
            var weight = weights[name + ".weight"];
            var values = weight.contiguous().data<float>().ToArray();
            var turned = name.EndsWith("q_proj", StringComparison.Ordinal) || name.EndsWith("k_proj", StringComparison.Ordinal);
            var columns = (int)weight.shape[^1];
            for (var row = 0; row < values.Length / columns; row++)
            {
                var source = turned ? HalvesRow(row, config.HeadDim) : row;
                for (var column = 0; column < columns; column++)
                {
                    file.Write(values[(source * columns) + column]);
                }
            }
        }
    }

    // Row 2i of a head is half i's first, row 2i+1 its partner D/2 further on.
    private static int HalvesRow(int row, int headDim)
    {
        var (head, within) = Math.DivRem(row, headDim);
        return (head * headDim) + (within / 2) + (within % 2 * (headDim / 2));
    }
}
