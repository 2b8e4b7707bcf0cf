using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>What a student leaves Orca as: a folder in Hugging Face's layout.</summary>
public sealed class ExportTests(ConvertedStory story) : IClassFixture<ConvertedStory>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_in_shards_tells_the_expected_story_byte_for_byte()
    {
        var expected = await File.ReadAllBytesAsync(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));
        var written = await ConvertAsync(await story.ModelAsync(), "out", "--max-shard-size", "300kB");
        Assert.Equal(0, written.Code);
        Assert.Contains("4 files of weights", written.Output);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "out", "model-00004-of-00004.safetensors")));
        var told = await OrcaProcess.RunAsync(_folder.Path, "generate", "out", "--temperature", "0", "--max-tokens", "200");
        Assert.Equal(expected, told.OutputBytes);
    }

    [Fact]
    public async Task The_newest_checkpoint_of_a_run_is_exported()
    {
        var student = PublishedStudent.In(Path.Combine(_folder.Path, "run", "checkpoints"));
        var written = await ConvertAsync("run", "out", "--weights", "bf16");
        Assert.True(written.Code == 0, written.Errors);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(student, "tokenizer.model")),
            await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "out", "tokenizer.model")));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "out", "chat_template.jinja")));
    }

    [Fact]
    public async Task A_full_disk_is_told_in_one_sentence_and_nothing_is_left()
    {
        HollowModel.Make(Path.Combine(_folder.Path, "model"));
        var before = Directory.GetFileSystemEntries(_folder.Path);
        foreach (var output in new[] { "out", "out.gguf" })
        {
            // A limit on files stops a write as a full disk does.
            var ended = await OrcaProcess.RunLimitedAsync(_folder.Path, 100_000, "convert", "model", output, "--weights", "bf16");
            Assert.Contains("The disk is full", ended.Mistake());
            Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path));
        }
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_sentence_before_the_work_begins()
    {
        var model = await story.ModelAsync();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "taken"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "taken", "mine"), "");
        Assert.Contains("'taken' exists already", (await ConvertAsync(model, "taken")).Mistake());
        Assert.Contains("in a folder it must be f32, f16 or bf16", (await ConvertAsync(model, "out", "--weights", "q4_K")).Mistake());
        Assert.Contains("expected a size such as", (await ConvertAsync(model, "out", "--max-shard-size", "much")).Mistake());
        Assert.Contains("--tokenizer is for a llama2.c file", (await ConvertAsync(model, "out", "--tokenizer", "tok.bin")).Mistake());
        Assert.Contains("is for a folder", (await ConvertAsync(model, "a.gguf", "--max-shard-size", "5GB")).Mistake());
        Assert.Contains(
            "not for a llama2.c file",
            (await ConvertAsync(SharedData.Require("checkpoints/stories260K/stories260K.bin"), "out", "--weights", "bf16")).Mistake());
        Assert.Contains(
            "--tokenizer", (await ConvertAsync(SharedData.Require("checkpoints/stories260K/stories260K.bin"), "out")).Mistake());
        Assert.Equal([Path.Combine(_folder.Path, "taken")], Directory.GetFileSystemEntries(_folder.Path));
    }

    private Task<Ended> ConvertAsync(string input, string output, params string[] flags) =>
        OrcaProcess.RunAsync(_folder.Path, ["convert", input, output, .. flags]);
}
