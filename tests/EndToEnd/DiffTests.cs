using System.Security.Cryptography;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>A tuned model is released as its difference to a base.</summary>
public sealed class DiffTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_checkpoint_is_restored_from_its_base_and_the_difference_and_from_no_other_base()
    {
        var tuned = PublishedStudent.In(In("run", "checkpoints"));
        Assert.Equal(0, (await OrcaAsync("convert", "run", "base", "--weights", "bf16")).Code);
        var made = await OrcaAsync("diff", "make", "base", "run", "student.diff");
        Assert.True(made.Code == 0, made.Errors);
        Assert.Contains("as in the base and not in the difference: ", made.Output);
        var applied = await OrcaAsync("diff", "apply", "base", "student.diff", "out");
        Assert.True(applied.Code == 0, applied.Errors);
        Assert.Contains("each with the SHA-256 of the original", applied.Output);
        Assert.Equal(DigestsOf(tuned), DigestsOf(In("out")));

        var weights = In("base", "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(weights);
        bytes[^9] ^= 4;
        await File.WriteAllBytesAsync(weights, bytes);
        var refused = (await OrcaAsync("diff", "apply", "base", "student.diff", "second")).Mistake();
        Assert.Contains($"model.safetensors' has SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}; ", refused);
        Assert.False(Path.Exists(In("second")));
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        const int Layers = 8;
        HollowModel.Make(In("base"), Layers);
        HollowModel.Make(In("tuned"), Layers);
        await InterruptAsync("diff", "make", "base", "tuned", "a.diff");
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);

        Assert.Equal(0, (await OrcaAsync("diff", "make", "base", "tuned", "a.diff")).Code);
        await InterruptAsync("diff", "apply", "base", "a.diff", "out");
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public async Task A_full_disk_is_told_in_one_sentence_and_nothing_is_left()
    {
        PublishedStudent.In(In("checkpoints"));
        Assert.Equal(0, (await OrcaAsync("diff", "make", "checkpoints", "checkpoints", "a.diff")).Code);
        var ended = await OrcaProcess.RunLimitedAsync(_folder.Path, 2_000, "diff", "apply", "checkpoints", "a.diff", "out");
        Assert.Contains("The disk is full", ended.Mistake());
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_sentence_before_the_work_begins()
    {
        PublishedStudent.In(In("checkpoints"));
        await File.WriteAllTextAsync(In("taken"), "mine");
        Assert.Contains("'taken' exists already", (await OrcaAsync("diff", "make", "checkpoints", "checkpoints", "taken")).Mistake());
        Assert.Contains("'taken' exists already", (await OrcaAsync("diff", "apply", "checkpoints", "taken", "taken")).Mistake());
        Assert.Contains("is no difference between models", (await OrcaAsync("diff", "apply", "checkpoints", "taken", "out")).Mistake());
        Assert.Contains("'absent' is no file", (await OrcaAsync("diff", "apply", "checkpoints", "absent", "out")).Mistake());
        Assert.Contains("'absent' is not a folder", (await OrcaAsync("diff", "make", "absent", "checkpoints", "out")).Mistake());
        Assert.Equal("mine", await File.ReadAllTextAsync(In("taken")));
    }

    private static SortedDictionary<string, string> DigestsOf(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(folder, path), path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);

    private async Task InterruptAsync(params string[] arguments)
    {
        var before = Directory.GetFileSystemEntries(_folder.Path).Length;
        await using var orca = OrcaProcess.Start(_folder.Path, arguments);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Directory.GetFileSystemEntries(_folder.Path).Length == before)
        {
            await Task.Delay(5, patience.Token);
        }

        orca.Signal("INT");
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 130, $"exit code {ended.Code}\n{ended.Errors}");
    }

    private string In(params string[] names) => Path.Combine([_folder.Path, .. names]);

    private Task<Ended> OrcaAsync(params string[] arguments) => OrcaProcess.RunAsync(_folder.Path, arguments);
}
