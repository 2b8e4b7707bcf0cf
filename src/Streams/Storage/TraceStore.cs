using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>
/// The run's memory: every request before it is asked, every answer before it is judged, every verdict, every command to the
/// curriculum. One process at a time; any thread. A write is complete when it is committed, and then survives the process.
/// </summary>
/// <remarks>Text with an unpaired surrogate comes back with U+FFFD in its place: SQLite keeps UTF-8.</remarks>
public sealed partial class TraceStore : IAsyncDisposable
{
    private const string PositionName = "collector";
    // How systems say that a file is locked: EWOULDBLOCK of Linux and macOS, and Windows' own.
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = 32;

    private readonly FileStream ownership;
    private readonly TraceStatements statements;
    private readonly GroupCommit writer;
    private readonly TraceReader reader;
    private readonly KnownIds known;
    private readonly Lock countsGate = new();
    private bool closed;

    private TraceStore(string path, FileStream ownership, TraceStatements statements, TraceReader reader, TraceStoreOptions options)
    {
        Path = path;
        this.ownership = ownership;
        this.statements = statements;
        this.reader = reader;
        writer = new GroupCommit(path, statements, options);
        Id = reader.Recall("id")!;
        Counts = reader.Counts();
        known = reader.Ids();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Tells this store from every other; the same whenever it is opened.</summary>
    public string Id { get; }

    /// <summary>How many requests ended how, since the store was made.</summary>
    public StoreCounts Counts { get; private set; }

    /// <summary>Writes that are not committed yet.</summary>
    public int Waiting => writer.Waiting;

    /// <summary>Opens the store at <paramref name="path"/>, or makes it with its folder.</summary>
    /// <exception cref="TraceStoreException">Another process has it open, it is no store, or it cannot be written.</exception>
    public static TraceStore Open(string path, TraceStoreOptions? options = null, TimeProvider? time = null)
    {
        options ??= new TraceStoreOptions();
        FileStream? ownership = null;
        SqliteConnection? writing = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            ownership = Own(path);
            writing = StoreFile.OpenWriter(path, options);
            var statements = new TraceStatements(writing, time ?? TimeProvider.System);
            return new TraceStore(path, ownership, statements, new TraceReader(StoreFile.OpenReader(path)), options);
        }
        catch (Exception failure)
        {
            writing?.Dispose();
            ownership?.Dispose();
            if (failure is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw StoreFault.Opening(path, failure);
            }

            throw;
        }
    }

    /// <summary>Brings the tables of a store that nobody has open up to date.</summary>
    /// <exception cref="TraceStoreException">Another process has it open, or a newer version of the program wrote it.</exception>
    internal static void BringUpToDate(string path)
    {
        using var ownership = Own(path);
        StoreFile.OpenWriter(path, new TraceStoreOptions()).Dispose();
    }

    /// <summary>Writes that a request is about to be put to a teacher.</summary>
    /// <returns>The request's key.</returns>
    /// <exception cref="TraceStoreException">It could not be written; the request must not be asked.</exception>
    public Task<long> AskAsync(TeacherRequest request, CancellationToken cancellationToken = default)
    {
        var packed = PackedRequest.Of(request);
        known.Add(packed.Id);
        return writer.WriteAsync(statements => statements.Ask(packed), cancellationToken);
    }

    /// <summary>Writes an answer as it came, before anything else may happen to it; not where it was written with its call.</summary>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task AnswerAsync(long key, Trace trace, CancellationToken cancellationToken = default)
    {
        if (trace.Attempt is not null)
        {
            return Task.CompletedTask;
        }

        var packed = PackedAnswer.Of(trace);
        return writer.WriteAsync(
            statements =>
            {
                statements.Answer(key, packed);
                return key;
            },
            cancellationToken);
    }

    /// <summary>Writes the screens' verdict and, in the same transaction, how far collecting has come.</summary>
    /// <param name="key">The request's key.</param>
    /// <param name="screened">The judged trace.</param>
    /// <param name="position">What <see cref="Position"/> is from then on; null leaves it.</param>
    /// <param name="cancellationToken">Ends the wait for room, not a write that waits its turn.</param>
    /// <param name="scores">What scorers tell of it; kept with it.</param>
    /// <returns>The trace's place among the accepted ones of its stage, from 0; null where it was rejected.</returns>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task<long?> SettleAsync(
        long key, ScreenedTrace screened, WrittenPosition? position = null, CancellationToken cancellationToken = default,
        ImmutableArray<TraceScore> scores = default) =>
        SettleAsync(Verdict.Of(key, screened) with { Scores = scores.IsDefault ? [] : scores }, position, cancellationToken);

    /// <summary>Writes that a request can never be answered.</summary>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task FailAsync(long key, TeacherRequest request, string reason, CancellationToken cancellationToken = default) =>
        SettleAsync(Verdict.Failed(key, request, reason), null, cancellationToken);

    /// <summary>Writes how all answers to a question ended and how far collecting has come, together or not at all.</summary>
    /// <returns>The place of the one that is accepted among those of its stage, from 0; null where none is.</returns>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    internal async Task<long?> SettleAsync(ImmutableArray<Verdict> verdicts, WrittenPosition? position, CancellationToken cancellationToken)
    {
        var place = await writer.WriteAsync(
            statements =>
            {
                if (position?.Reach() is { } reached)
                {
                    statements.Remember(PositionName, reached);
                }

                var place = -1L;
                foreach (var verdict in verdicts)
                {
                    place = Math.Max(place, statements.Settle(verdict));
                }

                return place;
            },
            cancellationToken, position?.Lose);
        lock (countsGate)
        {
            Counts = verdicts.Aggregate(Counts, (counts, verdict) => counts.Plus(verdict));
        }

        return place < 0 ? null : place;
    }

    /// <summary>Writes a command to the curriculum; one whose id was written before is not written again.</summary>
    /// <param name="command">The command, with the curriculum's revision before it.</param>
    /// <param name="cancellationToken">Ends the wait for room, not a write that waits its turn.</param>
    /// <returns>The command as it was written, now or the first time, and whether this was the first time.</returns>
    /// <exception cref="TraceStoreException">It could not be written; the command must not take effect.</exception>
    public Task<(JournaledCommand Command, bool IsNew)> JournalAsync(
        JournaledCommand command, CancellationToken cancellationToken = default) =>
        writer.WriteAsync(statements => statements.Journal(command), cancellationToken);

    /// <summary>Writes the first step that a command acts on.</summary>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task TookEffectAsync(long revision, long step) => WriteAsync(statements => statements.TookEffect(revision, step));

    /// <summary>Writes that lessons are given out, together or not at all.</summary>
    /// <exception cref="TraceStoreException">They could not be written.</exception>
    public Task LogAsync(ImmutableArray<LoggedLesson> lessons) => WriteAsync(statements =>
    {
        foreach (var lesson in lessons)
        {
            statements.Log(lesson);
        }
    });

    /// <summary>Writes that the lessons after one are taken back, and those up to it are as they were when that one was given.</summary>
    /// <param name="after">Number of the last lesson that counts.</param>
    /// <param name="revision">Revision that takes them back.</param>
    /// <param name="rolledBack">The last revision that had taken lessons back when that lesson was given; 0 for none.</param>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task TakeBackAsync(long after, long revision, long rolledBack) =>
        WriteAsync(statements => statements.TakeBack(after, revision, rolledBack));

    /// <summary>Forgets the lessons after one, which no checkpoint has seen: they are chosen anew.</summary>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public Task DropLessonsAsync(long after) => WriteAsync(statements => statements.DropLessons(after));

    /// <summary>A command by the name that its caller gave it; null where there is none.</summary>
    public JournaledCommand? CommandOf(string id) => reader.CommandOf(id);

    /// <summary>Lessons that were given out after one and not taken back, in order.</summary>
    public ImmutableArray<LoggedLesson> LessonsAfter(long ordinal, int most) => reader.Lessons(ordinal, most);

    /// <summary>Places of a stage's fresh lessons, in the order in which they were given, up to a lesson's number.</summary>
    public ImmutableArray<long> FreshPlaces(string stage, long last) => reader.FreshPlaces(stage, last);

    /// <summary>What accepted traces of a stage are of, from one place up to another.</summary>
    public ImmutableArray<AcceptedPlace> Places(string stage, long from, long to) => reader.Places(stage, from, to);

    /// <summary>What is known of a request; null where it was never asked. Writes not yet committed are not seen.</summary>
    public StoredRequest? Find(string requestId) => known.MayContain(requestId) ? reader.Find(requestId) : null;

    /// <summary>
    /// A stage's questions whose end was left open, in the order in which they were asked first: of each the request for its first answer.
    /// </summary>
    public ImmutableArray<TeacherRequest> LeftOpen(string stage) => reader.LeftOpen(stage);

    /// <summary>Accepted traces of a stage in order.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="from">Place of the first one.</param>
    /// <param name="most">How many at most.</param>
    public ImmutableArray<AcceptedTrace> Accepted(string stage, long from, int most) => reader.Accepted(stage, from, most);

    /// <summary>Commands that made a revision above <paramref name="revision"/>, in order.</summary>
    public ImmutableArray<JournaledCommand> CommandsAfter(long revision) => reader.CommandsAfter(revision);

    /// <summary>How far collecting had come by the last verdict; null before the first.</summary>
    public string? Position() => reader.Recall(PositionName);

    /// <summary>Commits what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!closed)
        {
            closed = true;
            await writer.CompleteAsync();
            Close();
        }
    }

    private void Close()
    {
        reader.Dispose();
        statements.Dispose();
        ownership.Dispose();
    }

    private Task WriteAsync(Action<TraceStatements> write) => writer.WriteAsync(
        statements =>
        {
            write(statements);
            return true;
        },
        CancellationToken.None);

    private Task<long?> SettleAsync(Verdict verdict, WrittenPosition? position, CancellationToken cancellationToken) =>
        SettleAsync([verdict], position, cancellationToken);

    // The lock lies beside the store, where it hinders no reader of the store itself; the system frees it however the process ends.
    private static FileStream Own(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when ((failure.HResult & 0xFFFF) is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            throw new TraceStoreException(
                $"The trace store '{path}' is in use by another process; stop that one or give another folder.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw StoreFault.Opening(path, failure);
        }
    }
}
