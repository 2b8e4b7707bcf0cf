using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>The file that remembers what was refused.</summary>
public sealed class QuarantineFileTests : IDisposable
{
    private const string Shared = "ORCA_TEST_QUARANTINE";
    private const string Writer = "ORCA_TEST_WRITER";

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
        Assert.Equal(
            ("it is bad", "it is worse", null),
            (running.ReasonForDigest("d1"), running.ReasonForDigest("d2"), running.ReasonForDigest("d3")));

        One().AdmitDigest("d1", "folder", lift: true);
        Assert.Equal((null, "it is worse"), (running.ReasonForDigest("d1"), running.ReasonForDigest("d2")));
        Assert.Contains(
            "is quarantined: it is worse",
            Assert.Throws<LoadRefusedException>(() => running.AdmitDigest("d2", "folder", lift: false)).Message);
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
    public void A_malformed_file_is_told_once_left_alone_and_what_was_read_last_counts(string text)
    {
        var quarantine = new Quarantine(TimeProvider.System, file);
        quarantine.AddDigest("d", "it is bad");
        Assert.Equal("it is bad", quarantine.ReasonForDigest("d"));
        File.WriteAllText(file.Path, text);
        Assert.Equal(("it is bad", null), (quarantine.ReasonForDigest("d"), quarantine.ReasonForDigest("e")));
        var line = Assert.Single(log.Lines);
        Assert.StartsWith(
            $"The quarantine in '{file.Path}' stays as it was read last, and the file as it is, until that is mended or deleted: ", line);
        Assert.DoesNotContain('\n', line);

        quarantine.AddDigest("e", "it is worse");
        Assert.Equal("it is worse", quarantine.ReasonForDigest("e"));
        Assert.Equal(text, File.ReadAllText(file.Path));
        Assert.Single(log.Lines);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("")]
    [InlineData("null")]
    public void A_server_does_not_start_beside_a_malformed_one(string text)
    {
        File.WriteAllText(file.Path, text);
        var refusal = Assert.Throws<ServingException>(() => StudentServer.Follow(
            folder.Path, new EngineOptions(), NullLoggerFactory.Instance));
        Assert.StartsWith($"'{file.Path}' says which checkpoints must not be served and cannot be used (", refusal.Message);
        Assert.EndsWith("mend it, or delete it to serve them after all.", refusal.Message);
        Assert.Equal(text, File.ReadAllText(file.Path));
    }

    // Not being able to read is not the same as there being nothing.
    [Fact]
    public void A_folder_in_its_place_is_told_and_this_process_still_knows()
    {
        Directory.CreateDirectory(Path.Combine(file.Path, "in the way"));
        var quarantine = new Quarantine(TimeProvider.System, file);
        quarantine.AddDigest("d", "it is bad");
        Assert.StartsWith($"The quarantine in '{file.Path}' stays as it was read last", Assert.Single(log.Lines));
        Assert.Equal("it is bad", quarantine.ReasonForDigest("d"));
        Assert.True(Directory.Exists(Path.Combine(file.Path, "in the way")));
        Assert.Throws<ServingException>(() => new QuarantineFile(folder.Path, log).Check());
    }

    [Fact]
    public void A_file_without_permission_to_read_is_never_written_over()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("the superuser reads every file");
            return;
        }

        new Quarantine(TimeProvider.System, file).AddDigest("d", "it is bad");
        var before = File.ReadAllText(file.Path);
        File.SetUnixFileMode(file.Path, UnixFileMode.None);
        new Quarantine(TimeProvider.System, new QuarantineFile(folder.Path, log)).AddDigest("e", "it is worse");
        File.SetUnixFileMode(file.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(before, File.ReadAllText(file.Path));
        Assert.Single(log.Lines);
    }

    [Fact]
    public void Where_it_cannot_be_written_that_is_told_and_this_process_still_knows()
    {
        Directory.CreateDirectory(file.Path + ".lock");
        var quarantine = new Quarantine(TimeProvider.System, file);
        quarantine.AddDigest("d", "it is bad");
        Assert.StartsWith($"The quarantine cannot be written to '{file.Path}', so a restart will forget it: ", Assert.Single(log.Lines));
        Assert.Equal("it is bad", quarantine.ReasonForDigest("d"));
        Assert.False(File.Exists(file.Path));
    }

    [Fact]
    public async Task Of_what_several_processes_add_at_once_nothing_is_lost()
    {
        var children = Enumerable.Range(0, 3).Select(i => ChildProcess.RunAsync(
            typeof(QuarantineFileTests), nameof(Adds_a_hundred_entries), (Shared, folder.Path), (Writer, $"{i}"))).ToList();
        Assert.All(await Task.WhenAll(children), child => Assert.True(child.ExitCode == 0, child.Output));
        Assert.Equal(300, file.Read().Select(entry => entry.Digest).Distinct().Count());
        Assert.Empty(log.Lines);
    }

    [Fact(Explicit = true)]
    public void Adds_a_hundred_entries()
    {
        var shared = Environment.GetEnvironmentVariable(Shared)!;
        var quarantine = new Quarantine(TimeProvider.System, new QuarantineFile(shared, log));
        for (var i = 0; i < 100; i++)
        {
            quarantine.AddDigest($"{Environment.GetEnvironmentVariable(Writer)}-{i}", "bad");
        }

        Assert.Empty(log.Lines);
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
        file.TryChange(_ => [.. Enumerable.Range(0, Quarantine.Kept).Select(i => new QuarantineEntry(
            $"{i}", "bad", DateTimeOffset.UnixEpoch))]);
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

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
