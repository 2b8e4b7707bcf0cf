using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>The file that remembers what was refused.</summary>
public sealed class QuarantineFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Warnings log = new();
    private readonly QuarantineFile file;

    public QuarantineFileTests() => file = new QuarantineFile(folder.Path, log);

    [Fact]
    public void What_one_quarantine_takes_another_knows_until_it_is_lifted()
    {
        Quarantine One() => new(TimeProvider.System, new QuarantineFile(folder.Path, log));
        One().AddDigest("d1", "it is bad");
        One().AddDigest("d1", "again");
        One().AddDigest("d2", "it is worse");
        var running = One();
        Assert.Equal(("it is bad", "it is worse", null), (running.ReasonForDigest("d1"), running.ReasonForDigest("d2"), running.ReasonForDigest("d3")));

        One().AdmitDigest("d1", "folder", lift: true);
        Assert.Equal((null, "it is worse"), (running.ReasonForDigest("d1"), running.ReasonForDigest("d2")));
        Assert.Contains("is quarantined: it is worse", Assert.Throws<LoadRefusedException>(() => running.AdmitDigest("d2", "folder", lift: false)).Message);
        File.Delete(file.Path);
        Assert.Null(running.ReasonForDigest("d2"));
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("""[{"digest":null,"reason":"r","time":"2026-01-01T00:00:00Z"}]""")]
    [InlineData("""[{"digest":"d"}]""")]
    [InlineData("\0\0\0\0")]
    public void An_unusable_file_is_told_once_and_taken_to_be_empty(string text)
    {
        File.WriteAllText(file.Path, text);
        var quarantine = new Quarantine(TimeProvider.System, file);
        Assert.Null(quarantine.ReasonForDigest("d"));
        Assert.Null(quarantine.ReasonForDigest("e"));
        var line = Assert.Single(log.Lines);
        Assert.StartsWith($"The quarantine in '{file.Path}' is unusable and taken to be empty: ", line);
        Assert.DoesNotContain('\n', line);

        quarantine.AddDigest("d", "it is bad");
        Assert.Equal("it is bad", new QuarantineFile(folder.Path, log).Read().Single().Reason);
        Assert.Single(log.Lines);
    }

    [Fact]
    public void Where_it_cannot_be_written_that_is_told_and_this_process_still_knows()
    {
        Directory.CreateDirectory(Path.Combine(file.Path, "in the way"));
        var quarantine = new Quarantine(TimeProvider.System, file);
        quarantine.AddDigest("d", "it is bad");
        Assert.StartsWith($"The quarantine cannot be written to '{file.Path}', so a restart will forget it: ", Assert.Single(log.Lines));
        Assert.Equal("it is bad", quarantine.ReasonForDigest("d"));
        Assert.Equal([file.Path], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_reader_never_sees_half_of_it()
    {
        var writing = Task.Run(() =>
        {
            var quarantine = new Quarantine(TimeProvider.System, new QuarantineFile(folder.Path, NullLogger.Instance));
            for (var i = 0; i < 50; i++)
            {
                quarantine.AddDigest($"{i}", new string('x', 10_000));
            }
        });
        var most = 0;
        while (!writing.IsCompleted)
        {
            var count = file.Read().Length;
            Assert.True(count >= most, $"{most} entries were there, and then {count}");
            most = count;
        }

        await writing;
        Assert.Equal(50, file.Read().Length);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void It_forgets_the_oldest_beyond_a_thousand()
    {
        file.TryChange(_ => [.. Enumerable.Range(0, Quarantine.Kept).Select(i => new QuarantineEntry($"{i}", "bad", DateTimeOffset.UnixEpoch))]);
        new Quarantine(TimeProvider.System, file).AddDigest("one more", "bad");
        var entries = file.Read();
        Assert.Equal((Quarantine.Kept, "1", "one more"), (entries.Length, entries[0].Digest, entries[^1].Digest));
    }

    public void Dispose() => folder.Dispose();

    private sealed class Warnings : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
