using System.Text.Json;
using Orca.Model.Checkpoints;
using Orca.Model.Conversion;
using Orca.Model.Embedded;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tests.Checkpoints;
using Orca.Model.Tests.Gguf;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Conversion;

public sealed class HuggingFaceExportTests : IDisposable
{
    private static readonly Conversation Asked = Conversation.Of("Think.", [new Turn("1 + 1?", "2")], "2 + 2?");

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(null, "F32", "float32")]
    [InlineData(WeightEncoding.F32, "F32", "float32")]
    [InlineData(WeightEncoding.F16, "F16", "float16")]
    [InlineData(WeightEncoding.BF16, "BF16", "bfloat16")]
    public void Every_weight_is_rounded_to_the_type_that_is_asked_for_or_kept_bit_by_bit(
        WeightEncoding? encoding, string dtype, string name)
    {
        using var student = Checkpoint.Open(Student());
        Assert.Equal(1, HuggingFaceExport.Write(student, folder["out"], encoding));
        using var written = Checkpoint.Open(folder["out"]);
        using var file = SafetensorsFile.Open(Path.Combine(folder["out"], "model.safetensors"));
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder["out"], "config.json")));
        Assert.Equal(name, config.RootElement.GetProperty("torch_dtype").GetString());
        var type = WeightType.Find(dtype)!.Type!.Value;
        foreach (var shape in LlamaParameters.ShapesOf(student.Config))
        {
            Assert.Equal(dtype, file.DtypeName(shape.Name));
            using var scope = NewDisposeScope();
            Assert.True(student.Weight(shape.Name).to(type).equal(written.Weight(shape.Name)).all().item<bool>(), shape.Name);
        }
    }

    [Fact]
    public void Weights_above_the_limit_are_divided_as_Hugging_Face_names_shards()
    {
        using var student = Checkpoint.Open(Student());
        const long Limit = 60_000;
        var count = HuggingFaceExport.Write(student, folder["out"], WeightEncoding.BF16, Limit);
        Assert.True(count > 2);
        Assert.False(File.Exists(Path.Combine(folder["out"], "model.safetensors")));
        Assert.Equal(
            Enumerable.Range(1, count).Select(number => $"model-{number:D5}-of-{count:D5}.safetensors"),
            Directory.GetFiles(folder["out"], "*.safetensors").Select(path => Path.GetFileName(path)!).Order());

        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder["out"], "model.safetensors.index.json")));
        var shapes = LlamaParameters.ShapesOf(student.Config);
        Assert.Equal(
            shapes.Sum(shape => 2 * shape.Count), index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
        var map = index.RootElement.GetProperty("weight_map").EnumerateObject()
            .ToDictionary(place => place.Name, place => place.Value.GetString()!);
        Assert.Equal(shapes.Select(shape => shape.Name).Order(StringComparer.Ordinal), map.Keys);
        foreach (var shard in map.GroupBy(place => place.Value, place => place.Key))
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder["out"], shard.Key));
            Assert.Equal(shard.Order(), file.Names.Order());
            Assert.True(file.Stored.Sum(weight => weight.Bytes) <= Limit || shard.Count() == 1, shard.Key);
        }

        HuggingFaceExport.Write(student, folder["whole"], WeightEncoding.BF16);
        using var divided = Checkpoint.Open(folder["out"]);
        using var whole = Checkpoint.Open(folder["whole"]);
        foreach (var name in shapes.Select(shape => shape.Name))
        {
            using var scope = NewDisposeScope();
            Assert.True(whole.Weight(name).equal(divided.Weight(name)).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Tokenizer_template_and_generation_settings_are_the_students_own()
    {
        var source = Student();
        using var student = Checkpoint.Open(source);
        HuggingFaceExport.Write(student, folder["out"], WeightEncoding.BF16);
        using var written = Checkpoint.Open(folder["out"]);
        Assert.Equal(student.Template.Hash, written.Template.Hash);
        Assert.False(written.Template.IsGuess);
        Assert.Equal(student.Template.Prompt(student.Tokenizer, Asked), written.Template.Prompt(written.Tokenizer, Asked));
        Assert.Equal(student.TokenizerHash, written.TokenizerHash);
        foreach (var name in new[] { "generation_config.json", "tokenizer.model", "tokenizer_config.json", "prompt_template.json" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, name)), File.ReadAllBytes(Path.Combine(folder["out"], name)));
        }

        Assert.False(File.Exists(Path.Combine(folder["out"], "orca.json")));
    }

    [Fact]
    public void Who_reads_Jinja_alone_asks_as_the_student_was_taught()
    {
        using var student = Checkpoint.Open(Student());
        HuggingFaceExport.Write(student, folder["out"], WeightEncoding.BF16);
        File.Delete(Path.Combine(folder["out"], "prompt_template.json"));
        using var written = Checkpoint.Open(folder["out"]);
        Assert.Equal("chat_template.jinja", written.Template.Source);
        Assert.Equal(student.Template.Prompt(student.Tokenizer, Asked), written.Template.Prompt(written.Tokenizer, Asked));
    }

    [Fact]
    public void A_guess_is_not_written_as_the_models_own_template()
    {
        var source = Student();
        File.Delete(Path.Combine(source, "orca.json"));
        File.Delete(Path.Combine(source, "prompt_template.json"));
        using var student = Checkpoint.Open(source);
        Assert.True(student.Template.IsGuess);
        HuggingFaceExport.Write(student, folder["out"], WeightEncoding.BF16);
        Assert.Empty(Directory.GetFiles(folder["out"], "*template*"));
    }

    [Fact]
    public void A_file_of_few_bits_becomes_a_folder_of_the_type_that_is_asked_for_and_of_none_is_refused()
    {
        using (var model = Checkpoint.Open(TinyGguf.Publish(folder["model"], TinyGguf.Config)))
        {
            GgufExport.Write(model, folder["a.gguf"], WeightEncoding.Q8_0);
        }

        using var file = Checkpoint.Open(folder["a.gguf"]);
        var fault = Assert.Throws<ModelFormatException>(() => HuggingFaceExport.Write(file, folder["out"], null));
        Assert.Contains("holds weights in Q8_0", fault.Message, StringComparison.Ordinal);
        HuggingFaceExport.Write(file, folder["out"], WeightEncoding.F32);
        using var written = Checkpoint.Open(folder["out"]);
        foreach (var shape in LlamaParameters.ShapesOf(file.Config))
        {
            var (wanted, found) = (new float[file.Rows(shape.Name).Columns], new float[file.Rows(shape.Name).Columns]);
            for (var row = 0; row < file.Rows(shape.Name).Rows; row++)
            {
                file.Rows(shape.Name).ReadFloats(row, wanted);
                written.Rows(shape.Name).ReadFloats(row, found);
                Assert.Equal(wanted, found);
            }
        }
    }

    [Fact]
    public void An_export_that_is_given_up_leaves_nothing_and_one_that_is_not_replaces_nothing()
    {
        using var student = Checkpoint.Open(Student());
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            HuggingFaceExport.Write(student, folder["out"], null, cancellationToken: given.Token));
        Assert.Equal([folder["root"]], Directory.GetFileSystemEntries(folder.Path));

        Directory.CreateDirectory(folder["out"]);
        File.WriteAllText(Path.Combine(folder["out"], "mine"), "");
        Assert.Throws<IOException>(() => HuggingFaceExport.Write(student, folder["out"], null));
        Assert.Equal([Path.Combine(folder["out"], "mine")], Directory.GetFileSystemEntries(folder["out"]));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public void Progress_ends_with_all_bytes()
    {
        using var student = Checkpoint.Open(Student());
        var reports = new Reports();
        HuggingFaceExport.Write(student, folder["out"], WeightEncoding.BF16, progress: reports);
        var whole = LlamaParameters.ShapesOf(student.Config).Sum(shape => 2 * shape.Count);
        Assert.All(reports.All, report => Assert.Equal(whole, report.Whole));
        Assert.Equal(reports.All.Select(report => report.Done).Order(), reports.All.Select(report => report.Done));
        Assert.Equal(whole, reports.All[^1].Done);
    }

    public void Dispose() => folder.Dispose();

    private string Student()
    {
        using var model = new ToyModel(EmbeddedStudent.Config with { Layers = 2, HiddenSize = 64, IntermediateSize = 96 });
        return CheckpointPublisher.Publish(folder["root"], Drafts.Of(model, 1) with
        {
            Tokenizer = EmbeddedStudent.Tokenizer,
            Template = EmbeddedStudent.Template,
            WeightType = ScalarType.Float32,
        });
    }

    private sealed class Reports : IProgress<WorkProgress>
    {
        public List<WorkProgress> All { get; } = [];

        public void Report(WorkProgress value) => All.Add(value);
    }
}
