using Microsoft.AspNetCore.Http;
using Orca.Cli.Commands;
using Orca.Cli.Data;

namespace Orca.Cli.Tests.Data;

/// <summary>Several files at once, and what is there already.</summary>
public sealed class DataPullTests : IDisposable
{
    private static readonly byte[] First = FileServer.Bytes(3_000, seed: 1);
    private static readonly byte[] Second = FileServer.Bytes(5_000, seed: 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("orca-pull-").FullName;
    private readonly List<string> _said = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_there_is_not_fetched_again()
    {
        await using var server = await StartAsync();
        await PullAsync(server);
        Assert.Equal(2, server.Ranges.Count);

        await PullAsync(server);

        Assert.Equal(2, server.Ranges.Count);
        Assert.Equal("2 of 2 files are there already", _said[^1]);
    }

    [Fact]
    public async Task Only_what_is_missing_is_fetched()
    {
        await using var server = await StartAsync();
        await PullAsync(server);
        File.Delete(At("set/two"));

        await PullAsync(server);

        Assert.Equal(Second, await File.ReadAllBytesAsync(At("set/two"), Cancelled));
        Assert.Equal(3, server.Ranges.Count);
        Assert.Equal(["1 of 2 files are there already", $"{At("set/two")}  5.0 kB"], _said[^2..]);
    }

    [Fact]
    public async Task Another_file_in_the_way_is_told_before_anything_is_fetched()
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(At("set"));
        await File.WriteAllTextAsync(At("set/two"), "mine", Cancelled);

        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server));

        Assert.Contains(FileServer.Sha256("mine"u8.ToArray()), refusal.Message);
        Assert.Contains(FileServer.Sha256(Second), refusal.Message);
        Assert.EndsWith("or replace it with --force.", refusal.Message);
        Assert.Empty(server.Ranges);
        Assert.Equal("mine", await File.ReadAllTextAsync(At("set/two"), Cancelled));
    }

    [Fact]
    public async Task Another_file_is_replaced_by_force_once_its_successor_is_there()
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(At("set"));
        await File.WriteAllTextAsync(At("set/two"), "mine", Cancelled);
        await PullAsync(server, replace: true);
        Assert.Equal(Second, await File.ReadAllBytesAsync(At("set/two"), Cancelled));
    }

    [Fact]
    public async Task A_folder_in_the_way_is_told()
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(At("set/two"));
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, replace: true));
        Assert.Contains("is a folder, where a file is to be put", refusal.Message);
    }

    private static Task<FileServer> StartAsync() => FileServer.StartAsync(First, async (context, _) =>
    {
        var isSecond = context.Request.Path == "/two";
        if (isSecond)
        {
            await context.Response.Body.WriteAsync(Second);
        }

        return isSecond;
    });

    private string At(string name) => Path.Combine(_folder, name);

    private async Task PullAsync(FileServer server, bool replace = false)
    {
        var pace = new DownloadPace { Tries = 1 };
        using var client = new DataServer(pace.Patience);
        Download[] downloads =
        [
            new(new Uri(server.Endpoint, "/one"), At("set/one"), FileServer.Sha256(First), First.Length),
            new(new Uri(server.Endpoint, "/two"), At("set/two"), FileServer.Sha256(Second), Second.Length),
        ];
        await new DataPull(new Downloader(client, pace, new Progress<DownloadStatus>()), _said.Add).RunAsync(
            downloads, replace, Cancelled);
    }
}
