using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

/// <summary>Keys that come and go while a server runs.</summary>
public sealed class KeyWatchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new();
    private readonly Warnings log = new();
    private readonly string path;
    private readonly string alices;

    public KeyWatchTests()
    {
        path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out alices));
    }

    [Fact]
    public async Task A_running_server_lets_new_keys_in_and_removed_ones_no_longer()
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { KeyFile = path });
        Assert.Equal(StatusCode.OK, await StatusOfAsync(server, alices));

        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out var bobs));
        Assert.Equal(StatusCode.Unauthenticated, await StatusOfAsync(server, "orca-" + new string('0', 64)));
        await UntilAsync(server, bobs, StatusCode.OK);
        Assert.Equal(StatusCode.OK, await StatusOfAsync(server, alices));

        KeyFile.Remove(path, "alice");
        await UntilAsync(server, alices, StatusCode.Unauthenticated);
        Assert.Equal(StatusCode.OK, await StatusOfAsync(server, bobs));
    }

    [Fact]
    public async Task A_file_that_becomes_unusable_keeps_the_keys_and_says_so_once()
    {
        var keys = new KeysOfFile(path);
        using var watch = new KeyWatch(keys, clock, log);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        var good = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        foreach (var (spoil, reason) in new (Action, string)[]
        {
            (() => File.WriteAllText(path, good + "bob\n"), "Line 3 of the key file"),
            (() => File.Delete(path), "cannot be read"),
        })
        {
            spoil();
            await TicksAsync(until: () => log.Lines.Count == 1);
            await TicksAsync(count: 5);
            Assert.StartsWith("The keys that open this server stay as they were: ", Assert.Single(log.Lines));
            Assert.Contains(reason, log.Lines.Single());
            Assert.Equal("alice", keys.Ring.Find(alices)?.Name);
            log.Lines.Clear();
        }

        await File.WriteAllTextAsync(path, good, TestContext.Current.CancellationToken);
        KeyFile.Add(path, AccessKey.Create("carol", AccessScope.Control, out var carols));
        await TicksAsync(until: () => keys.Ring.Find(carols) is not null);
        Assert.Empty(log.Lines);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    // As a mounted secret changes: the name stays, what it leads to is another file, just as long and just as old.
    [Fact]
    public void A_link_that_leads_elsewhere_is_a_change()
    {
        var (one, two, link) = (path, Path.Combine(folder.Path, "two.txt"), Path.Combine(folder.Path, "link.txt"));
        KeyFile.Add(two, AccessKey.Create("bobby", AccessScope.Read, out var bobbys));
        File.SetLastWriteTimeUtc(one, DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(two, DateTime.UnixEpoch);
        File.CreateSymbolicLink(link, one);
        var keys = new KeysOfFile(link);
        Assert.False(keys.Refresh());

        File.Delete(link);
        File.CreateSymbolicLink(link, two);
        Assert.True(keys.Refresh());
        Assert.Equal((null, "bobby"), (keys.Ring.Find(alices)?.Name, keys.Ring.Find(bobbys)?.Name));
    }

    [Fact]
    public void A_start_with_an_unusable_file_is_refused() =>
        Assert.Throws<ServingException>(() => new KeysOfFile(Path.Combine(folder.Path, "none")));

    public void Dispose() => folder.Dispose();

    private Task TicksAsync(Func<bool> until) => Patience.UntilAsync(() =>
    {
        clock.Advance(KeyWatch.Interval);
        return until();
    });

    private async Task TicksAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            clock.Advance(KeyWatch.Interval);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static Task UntilAsync(ServerFixture server, string key, StatusCode wanted) =>
        Patience.UntilAsync(async () => await StatusOfAsync(server, key) == wanted);

    private static async Task<StatusCode> StatusOfAsync(ServerFixture server, string key)
    {
        try
        {
            await server.Inference.GenerateAsync(
                new GenerateRequest { Spec = ServerFixture.Greedy() }, new Metadata { { "authorization", "Bearer " + key } });
            return StatusCode.OK;
        }
        catch (RpcException refusal)
        {
            return refusal.StatusCode;
        }
    }

    private sealed class Warnings : ILogger<KeyWatch>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
