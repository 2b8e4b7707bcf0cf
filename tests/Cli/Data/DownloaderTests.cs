using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Commands;
using Orca.Cli.Data;

namespace Orca.Cli.Tests.Data;

/// <summary>Downloads from a server of HTTP on loopback.</summary>
public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Whole = FileServer.Bytes(600_000);
    private static readonly DownloadPace Hasty = new() { FirstPause = TimeSpan.FromMilliseconds(1), Tries = 3 };

    private readonly string _folder = Directory.CreateTempSubdirectory("orca-data-").FullName;
    private readonly List<DownloadStatus> _told = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_folder, "set.jsonl");

    private string Part => Target + ".part";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_comes_whole_and_nothing_else_stays()
    {
        await using var server = await FileServer.StartAsync(Whole);

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal([""], server.Ranges);
        Assert.Equal((Whole.Length, (long?)Whole.Length), (_told[^1].Bytes, _told[^1].Whole));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        await using var server = await FileServer.StartAsync([]);
        await FetchAsync(server.Address, []);
        Assert.Equal(0, new FileInfo(Target).Length);
    }

    [Fact]
    public async Task After_a_lost_connection_only_the_rest_is_fetched()
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.CutFirst(Whole, 200_000, Part));

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["", "bytes=200000- \"one\""], server.Ranges);
        Assert.Contains(_told, status => status.Pause?.StartsWith("the connection was lost", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_weak_tag_is_no_condition_and_is_compared_all_the_same()
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.CutFirst(Whole, 200_000, Part, "W/\"one\""));
        server.Tag = "W/\"two\"";

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["", "bytes=200000-", ""], server.Ranges);
    }

    [Fact]
    public async Task A_part_that_another_process_left_is_gone_on_with()
    {
        LeavePart(250_000);
        await using var server = await FileServer.StartAsync(Whole);

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal("bytes=250000-", server.Ranges.Single());
    }

    [Fact]
    public async Task A_part_that_is_whole_needs_no_network()
    {
        LeavePart(Whole.Length);
        await FetchAsync(ClosedPort());
        IsWholeAlone();
    }

    [Fact]
    public async Task A_part_of_another_file_is_begun_anew()
    {
        LeavePart(250_000, FileServer.Bytes(600_000, seed: 2));
        await using var server = await FileServer.StartAsync(Whole);

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal([""], server.Ranges);
    }

    [Fact]
    public async Task A_part_whose_bytes_are_not_those_of_the_file_costs_a_second_try_and_no_more()
    {
        LeavePart(250_000);
        await File.WriteAllBytesAsync(Part, FileServer.Bytes(250_000, seed: 3), Cancelled);
        await using var server = await FileServer.StartAsync(Whole);

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["bytes=250000-", ""], server.Ranges);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"Sha256\": 7}")]
    [InlineData("{\"Sha256\": \"SHA\", \"Source\": null, \"Tag\": \"\\\"\\u0000\", \"Length\": -1}")]
    [InlineData("{\"Sha256\": \"SHA\", \"Source\": \"URL\", \"Tag\": \"\\\"two\\r\\nX: y\", \"Length\": 600000}")]
    public async Task A_part_whose_note_is_damaged_does_no_harm(string note)
    {
        await using var server = await FileServer.StartAsync(Whole);
        LeavePart(250_000);
        note = note.Replace("SHA", FileServer.Sha256(Whole)).Replace("URL", server.Address.AbsoluteUri);
        await File.WriteAllTextAsync(Part + ".json", note, Cancelled);
        await FetchAsync(server.Address);
        IsWholeAlone();
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_read_from_the_start_again()
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.CutFirst(Whole, 200_000, Part));
        server.HeedsRanges = false;

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(2, server.Ranges.Count);
    }

    [Fact]
    public async Task A_file_that_was_changed_in_between_is_read_from_the_start_again()
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.CutFirst(FileServer.Bytes(600_000, seed: 4), 200_000, Part));
        server.Tag = "\"two\"";
        await FetchAsync(server.Address);
        IsWholeAlone();
    }

    [Fact]
    public async Task A_file_whose_length_was_changed_in_between_is_read_from_the_start_again()
    {
        await using var server = await FileServer.StartAsync(
            Whole, FileServer.CutFirst(FileServer.Bytes(700_000, seed: 4), 200_000, Part, tag: null));
        server.Tag = null;

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["", "bytes=200000-", ""], server.Ranges);
    }

    [Fact]
    public async Task A_file_that_has_become_shorter_than_the_part_is_read_from_the_start_again()
    {
        await using var server = await FileServer.StartAsync(
            Whole, FileServer.CutFirst(FileServer.Bytes(900_000, seed: 4), 700_000, Part, tag: null));
        server.Tag = null;

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["", "bytes=700000-", ""], server.Ranges);
    }

    [Fact]
    public async Task A_wrong_digest_is_told_with_both_and_nothing_stays()
    {
        var other = FileServer.Bytes(600_000, seed: 5);
        await using var server = await FileServer.StartAsync(other);

        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));

        Assert.Contains(FileServer.Sha256(other), refusal.Message);
        Assert.Contains(FileServer.Sha256(Whole), refusal.Message);
        Assert.Contains("check address and SHA-256", refusal.Message);
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.Single(server.Ranges);
    }

    [Theory]
    [InlineData(100_000, "has 100000 bytes, and 600000 are expected")]
    [InlineData(700_000, "has 700000 bytes, and 600000 are expected")]
    public async Task A_file_of_another_length_than_is_known_is_not_fetched(int length, string sentence)
    {
        await using var server = await FileServer.StartAsync(FileServer.Bytes(length));
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address, bytes: Whole.Length));
        Assert.Contains(sentence, refusal.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_has_no_end_is_read_no_further_than_the_file_goes()
    {
        await using var server = await FileServer.StartAsync(Whole, async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(Whole, context.RequestAborted);
            }

            return true;
        });
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address, bytes: Whole.Length));
        Assert.Contains("has more than the 600000 bytes that are expected", refusal.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_fault_that_may_pass_is_tried_again(int status)
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.RefuseFirst(status));
        await FetchAsync(server.Address);
        IsWholeAlone();
        Assert.StartsWith($"the server answered {status}", _told[0].Pause);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(400)]
    public async Task A_refusal_is_told_at_once(int status)
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.RefuseFirst(status));
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));
        Assert.Contains($"cannot be had: the server answered {status}", refusal.Message);
        Assert.Single(server.Ranges);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_server_that_stays_broken_is_given_up_and_the_part_kept()
    {
        await using var server = await FileServer.StartAsync(Whole, async (context, number) =>
        {
            if (!await FileServer.CutFirst(Whole, 200_000, Part)(context, number))
            {
                context.Response.StatusCode = 503;
            }

            return true;
        });

        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));

        Assert.Contains($"503 Service Unavailable; '{Part}' keeps what came; start the same command again.", refusal.Message);
        Assert.Equal(Whole[..200_000], await File.ReadAllBytesAsync(Part, Cancelled));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_server_that_always_cuts_at_the_same_place_is_given_up()
    {
        await using var server = await FileServer.StartAsync(Whole, (context, _) => FileServer.CutFirst(Whole, 50_000, Part)(context, 0));
        await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));
        Assert.Equal(3, server.Ranges.Count);
    }

    [Fact]
    public async Task The_pause_is_the_one_that_the_server_asks_for()
    {
        var clock = new FakeTimeProvider();
        await using var server = await FileServer.StartAsync(Whole, FileServer.RefuseFirst(429, retryAfter: "120"));
        var fetched = FetchAsync(server.Address, pace: new DownloadPace { Clock = clock });
        await WhenAsync(() => _told.Count > 0);
        Assert.Equal("the server answered 429 Too Many Requests; trying again in 120 s", _told[0].Pause);

        clock.Advance(TimeSpan.FromSeconds(119));
        await Task.Delay(50, Cancelled);
        Assert.Single(server.Ranges);
        await PassUntilAsync(clock, fetched);

        IsWholeAlone();
    }

    [Fact]
    public async Task A_pause_may_be_asked_for_as_a_date()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await FileServer.StartAsync(
            Whole, FileServer.RefuseFirst(503, retryAfter: "Tue, 01 Jan 2030 00:01:00 GMT"));
        var fetched = FetchAsync(server.Address, pace: new DownloadPace { Clock = clock });
        await WhenAsync(() => _told.Count > 0);
        Assert.EndsWith("trying again in 60 s", _told[0].Pause);
        await PassUntilAsync(clock, fetched);
    }

    [Fact]
    public async Task Who_asks_for_hours_is_not_waited_for()
    {
        await using var server = await FileServer.StartAsync(Whole, FileServer.RefuseFirst(429, retryAfter: "9000"));
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));
        Assert.EndsWith("start the same command again in 2.5 h.", refusal.Message);
    }

    [Fact]
    public async Task A_slow_server_is_waited_for_as_long_as_something_comes()
    {
        await using var server = await FileServer.StartAsync(Whole, async (context, _) =>
        {
            context.Response.ContentLength = Whole.Length;
            foreach (var piece in Whole.Chunk(100_000))
            {
                await context.Response.Body.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
                await Task.Delay(500);
            }

            return true;
        });
        await FetchAsync(server.Address, pace: Hasty with { Patience = TimeSpan.FromSeconds(2), Tries = 1 });
        IsWholeAlone();
    }

    [Fact]
    public async Task A_server_from_which_nothing_comes_any_more_is_left_and_asked_again()
    {
        await using var server = await FileServer.StartAsync(Whole, async (context, number) =>
        {
            if (number == 0)
            {
                context.Response.ContentLength = Whole.Length;
                await context.Response.Body.WriteAsync(Whole.AsMemory(0, 100_000));
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return number == 0;
        });

        await FetchAsync(server.Address, pace: Hasty with { Patience = TimeSpan.FromSeconds(0.5) });

        IsWholeAlone();
        Assert.Contains(_told, status => status.Pause?.StartsWith("nothing came for 0.5 s", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Without_a_network_one_sentence_says_so_at_once()
    {
        var address = ClosedPort();
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(address));
        Assert.Equal(
            $"'http://127.0.0.1:{address.Port}' cannot be reached (Connection refused); check the network and start the same command "
                + "again.",
            refusal.Message);
        Assert.Empty(_told);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_download_that_is_ended_leaves_its_part_for_the_next_time()
    {
        using var stop = new CancellationTokenSource();
        await using var server = await FileServer.StartAsync(Whole, async (context, number) =>
        {
            if (number == 0)
            {
                context.Response.ContentLength = Whole.Length;
                context.Response.Headers.ETag = "\"one\"";
                await context.Response.Body.WriteAsync(Whole.AsMemory(0, 100_000));
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return number == 0;
        });
        var fetched = FetchAsync(server.Address, cancelled: stop.Token);
        await WhenAsync(() => File.Exists(Part) && new FileInfo(Part).Length == 100_000);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetched);
        Assert.False(File.Exists(Target));

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["", "bytes=100000- \"one\""], server.Ranges);
    }

    // A full disk without one: every write to this device fails as on one.
    [Fact]
    public async Task On_a_full_disk_one_sentence_says_so()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        File.CreateSymbolicLink(Part, "/dev/full");
        await using var server = await FileServer.StartAsync(Whole);

        var failure = await Assert.ThrowsAsync<IOException>(() => FetchAsync(server.Address));

        Assert.StartsWith("The disk is full (No space left on device", UserFault.SentenceOf(failure));
        Assert.EndsWith("start the same command again.", UserFault.SentenceOf(failure));
        Assert.False(File.Exists(Target));
        Assert.Single(server.Ranges);
    }

    [Fact]
    public async Task A_file_is_replaced_only_where_it_may_be()
    {
        await using var server = await FileServer.StartAsync(Whole);
        await File.WriteAllTextAsync(Target, "mine", Cancelled);
        await Assert.ThrowsAsync<IOException>(() => FetchAsync(server.Address));
        Assert.Equal("mine", await File.ReadAllTextAsync(Target, Cancelled));
        await FetchAsync(server.Address, replace: true);
        IsWholeAlone();
    }

    [Fact]
    public async Task Two_at_once_do_not_write_one_part()
    {
        await using var server = await FileServer.StartAsync(Whole);
        using var other = PartFile.Open(new Download(server.Address, Target, FileServer.Sha256(Whole), null));
        await Assert.ThrowsAsync<IOException>(() => FetchAsync(server.Address));
    }

    [Fact]
    public async Task A_redirection_is_followed_on_this_machine_with_its_range()
    {
        LeavePart(250_000);
        await using var server = await FileServer.StartAsync(Whole, (context, number) =>
        {
            if (number == 0)
            {
                context.Response.Redirect("/elsewhere/..%2fname", permanent: false);
            }

            return Task.FromResult(number == 0);
        });

        await FetchAsync(server.Address);

        IsWholeAlone();
        Assert.Equal(["bytes=250000-", "bytes=250000-"], server.Ranges);
    }

    [Theory]
    [InlineData("http://192.0.2.1/file")]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("file:///etc/hostname")]
    public async Task A_redirection_to_anything_but_https_is_not_followed(string location)
    {
        await using var server = await FileServer.StartAsync(Whole, (context, _) =>
        {
            context.Response.Redirect(location);
            return Task.FromResult(true);
        });
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));
        Assert.Contains($"redirects to '{location}', which is not followed", refusal.Message);
    }

    [Fact]
    public async Task Redirections_in_a_circle_end()
    {
        await using var server = await FileServer.StartAsync(Whole, (context, _) =>
        {
            context.Response.Redirect("/again");
            return Task.FromResult(true);
        });
        var refusal = await Assert.ThrowsAsync<CommandException>(() => FetchAsync(server.Address));
        Assert.Contains("redirects more than 10 times", refusal.Message);
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/set.jsonl");
    }

    private static async Task WhenAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(5, Cancelled);
        }
    }

    private static async Task PassUntilAsync(FakeTimeProvider clock, Task end)
    {
        while (!end.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, Cancelled);
        }

        await end;
    }

    private void LeavePart(int length, byte[]? of = null)
    {
        var content = of ?? Whole;
        using var part = PartFile.Open(new Download(new Uri("http://127.0.0.1/elsewhere"), Target, FileServer.Sha256(content), null));
        part.Begin("\"other\"", content.Length);
        part.Append(content.AsSpan(0, length));
    }

    private async Task FetchAsync(
        Uri address, byte[]? content = null, long? bytes = null, DownloadPace? pace = null, bool replace = false,
        CancellationToken? cancelled = null)
    {
        var paced = pace ?? Hasty;
        using var server = new DataServer(paced.Patience);
        await new Downloader(server, paced, new Listener(_told)).FetchAsync(
            new Download(address, Target, FileServer.Sha256(content ?? Whole), bytes), replace, cancelled ?? Cancelled);
    }

    private void IsWholeAlone()
    {
        Assert.Equal(Whole, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    private sealed class Listener(List<DownloadStatus> told) : IProgress<DownloadStatus>
    {
        public void Report(DownloadStatus value) => told.Add(value);
    }
}
