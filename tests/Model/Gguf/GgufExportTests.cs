using Orca.Model.Checkpoints;
using Orca.Model.Embedded;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tests.Checkpoints;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<bool> WithAndWithoutStart => [true, false];

    [Theory]
    [MemberData(nameof(WithAndWithoutStart))]
    public void A_file_says_that_a_start_token_is_added_where_the_students_prompts_begin_with_one(bool begins)
    {
        using var student = Checkpoint.Open(Embedded(begins));
        GgufExport.Write(student, folder["a.gguf"], WeightEncoding.F32);
        using var file = GgufFile.Open(folder["a.gguf"]);
        Assert.Equal(begins, file.Metadata.Flag("tokenizer.ggml.add_bos_token"));
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutStart))]
    public void A_question_becomes_the_same_tokens_in_llama_cpp(bool begins)
    {
        var peer = LlamaCpp.Require(folder);
        using var student = Checkpoint.Open(Embedded(begins));
        GgufExport.Write(student, folder["a.gguf"], WeightEncoding.F32);
        using var file = Checkpoint.Open(folder["a.gguf"]);
        var asked = Conversation.Of("Think step by step.", [new Turn("What is 3 + 4?", "It is 7.")], "And\n\n(12 - 5) * 3?\na");
        var written = ((ChatTemplate)file.Template).Render(asked);

        // Where the file adds a start token, llama.cpp's server takes the template's away.
        Assert.Equal(begins, written.StartsWith("<s>", StringComparison.Ordinal));
        Assert.Equal(student.Template.Prompt(student.Tokenizer, asked), peer.Prompt(folder["a.gguf"], begins ? written[3..] : written));
    }

    [Theory]
    [InlineData("", "What is 3 + 4?")]
    [InlineData("Think step by step.", "  Two  spaces,\n\na line and <|user|> ")]
    public void A_question_becomes_the_same_tokens_from_the_file_as_from_the_folder(string system, string question)
    {
        using var student = Checkpoint.Open(Embedded(begins: false));
        GgufExport.Write(student, folder["a.gguf"], WeightEncoding.F32);
        using var file = Checkpoint.Open(folder["a.gguf"]);
        Assert.Equal(
            student.Template.Prompt(student.Tokenizer, system, question), file.Template.Prompt(file.Tokenizer, system, question));
        Assert.Equal(student.Template.StopIds(student.Tokenizer), file.Template.StopIds(file.Tokenizer));
    }

    [Fact]
    public void A_matrix_whose_rows_are_no_whole_blocks_is_written_in_more_bits_and_named()
    {
        using var narrow = Checkpoint.Open(
            TinyGguf.Publish(folder["narrow"], TinyGguf.Config with { HiddenSize = 256, IntermediateSize = 96 }));
        var others = GgufExport.Write(narrow, folder["a.gguf"], WeightEncoding.Q4_K);
        Assert.Contains(("blk.1.ffn_down.weight", WeightEncoding.Q8_0), others);
        using var written = Checkpoint.Open(folder["a.gguf"]);
        foreach (var shape in LlamaParameters.ShapesOf(narrow.Config).Where(shape => !shape.IsVector))
        {
            var wanted = shape.Shape[1] % 256 == 0 ? WeightEncoding.Q4_K : WeightEncoding.Q8_0;
            Assert.Equal(wanted, written.Rows(shape.Name).Encoding);
            Assert.Equal(wanted != WeightEncoding.Q4_K, others.Any(other => other.Name == GgufNames.Of(shape.Name)));
        }
    }

    [Fact]
    public void Weights_that_lie_in_the_encoding_already_are_copied_bit_by_bit()
    {
        var config = TinyGguf.Config with { HiddenSize = 256, IntermediateSize = 512 };
        using (var model = Checkpoint.Open(TinyGguf.Publish(folder["model"], config)))
        {
            GgufExport.Write(model, folder["a.gguf"], WeightEncoding.Q4_K);
        }

        using var first = Checkpoint.Open(folder["a.gguf"]);
        GgufExport.Write(first, folder["b.gguf"], WeightEncoding.Q4_K);
        using var second = Checkpoint.Open(folder["b.gguf"]);
        foreach (var shape in LlamaParameters.ShapesOf(config))
        {
            var (one, other) = (first.Rows(shape.Name), second.Rows(shape.Name));
            for (var row = 0; row < one.Rows; row++)
            {
                Assert.True(one.Row(row).SequenceEqual(other.Row(row)), shape.Name);
            }
        }
    }

    [Theory]
    [InlineData(1e6f, "1000000")]
    [InlineData(float.NaN, "NaN")]
    public void A_value_that_an_encoding_cannot_hold_is_refused_by_the_weights_name(float value, string shown)
    {
        using var model = new ToyModel(TinyGguf.Config);
        model.Weights["model.layers.1.mlp.up_proj.weight"][3][5] = value;
        using var wide = Checkpoint.Open(CheckpointPublisher.Publish(
            folder["wide"], Drafts.Of(model, 1) with { WeightType = ScalarType.Float32 }));
        var fault = Assert.Throws<ModelFormatException>(() => GgufExport.Write(wide, folder["a.gguf"], WeightEncoding.F16));
        Assert.Contains(
            $"'model.layers.1.mlp.up_proj.weight' holds {shown}, which F16 cannot hold", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    public void Dispose() => folder.Dispose();

    private string Embedded(bool begins)
    {
        using var model = new ToyModel(EmbeddedStudent.Config with { Layers = 1 });
        return CheckpointPublisher.Publish(folder["student"], Drafts.Of(model, 1) with
        {
            Tokenizer = EmbeddedStudent.Tokenizer,
            Template = PromptTemplates.Markers with { BeginsWithStartToken = begins },
        });
    }
}
