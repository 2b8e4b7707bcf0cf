using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher.Batches;

/// <summary>
/// Batches of all keys, in a folder; each is worked on until it ends, over restarts. A batch made twice from one file is two batches, both
/// owed for, as with OpenAI. Any thread.
/// </summary>
internal sealed class BatchShelf : IAsyncDisposable
{
    private const string End = ".batch.json";
    private const int Steps = 10;

    private readonly StateFolder _folder;
    private readonly FileShelf _files;
    private readonly BatchWork _work;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Owned<Batch>> _batches;
    private readonly ConcurrentBag<Task> _running = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();

    /// <summary>Goes on with the batches of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Files of requests and answers.</param>
    /// <param name="work">What answers.</param>
    /// <param name="duration">Time from a batch's making to its end.</param>
    /// <param name="time">The endpoint's clock.</param>
    public BatchShelf(StateFolder folder, FileShelf files, BatchWork work, TimeSpan duration, TimeProvider time)
    {
        (_folder, _files, _work, _duration, _time) = (folder, files, work, duration, time);
        _batches = new(folder.ReadAll<Owned<Batch>>(End).ToDictionary(batch => batch.Value.Id));
        foreach (var batch in _batches.Values)
        {
            _running.Add(Task.Run(() => RunAsync(batch)));
        }
    }

    /// <summary>Makes a batch.</summary>
    public Batch Add(string owner, string inputFileId, string endpoint, string window, JsonObject? metadata)
    {
        var batch = new Batch
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"batch_{Guid.NewGuid():N}"),
            Endpoint = endpoint,
            InputFileId = inputFileId,
            CompletionWindow = window,
            Status = BatchStatus.Validating,
            CreatedAt = Now(),
            Metadata = metadata,
        };
        var owned = new Owned<Batch>(owner, batch);
        _folder.Write(batch.Id + End, owned);
        _batches[batch.Id] = owned;
        _running.Add(Task.Run(() => RunAsync(owned)));
        return batch;
    }

    /// <summary>A key's batch; null where it has none of that id.</summary>
    public Batch? Find(string owner, string? id) =>
        id is not null && _batches.TryGetValue(id, out var batch) && batch.Owner == owner ? batch.Value : null;

    /// <summary>A key's batches, the newest first.</summary>
    public ImmutableArray<Batch> Of(string owner) => [.. _batches.Values.Where(batch => batch.Owner == owner).Select(batch => batch.Value)
        .OrderByDescending(batch => batch.CreatedAt).ThenBy(batch => batch.Id, StringComparer.Ordinal)];

    /// <summary>Tells a batch to end; what has been answered stays, and is owed for.</summary>
    public Batch Cancel(Batch batch) => Change(batch.Id, now => BatchStatus.IsEnd(now.Status)
        ? now
        : now with { Status = BatchStatus.Cancelling, CancellingAt = Now() });

    /// <summary>Stops all work; it goes on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task RunAsync(Owned<Batch> owned)
    {
        var (owner, id) = (owned.Owner, owned.Value.Id);
        var (lines, errors) = BatchLine.Read(_files.PathOf(owned.Value.InputFileId), owned.Value.Endpoint);
        if (!errors.IsEmpty)
        {
            Change(id, now => now with { Status = BatchStatus.Failed, FailedAt = Now(), Errors = new BatchErrors(errors) });
            return;
        }

        var (answers, refusals) = (Journal(id + ".output.jsonl"), Journal(id + ".error.jsonl"));
        var done = await BookedAsync(owner, lines, answers, refusals);
        if (BatchStatus.IsEnd(owned.Value.Status))
        {
            return;
        }

        Change(id, now => now with
        {
            Status = now.Status == BatchStatus.Validating ? BatchStatus.InProgress : now.Status,
            InProgressAt = now.InProgressAt ?? Now(),
            RequestCounts = Counts(lines, answers, refusals),
        });
        var left = lines.Where(line => !done.Contains(line.CustomId)).ToList();
        foreach (var step in left.Chunk(Math.Max(1, (lines.Length + Steps - 1) / Steps)))
        {
            if (_duration > TimeSpan.Zero)
            {
                await Task.Delay(_duration / Steps, _time, _ending.Token);
            }

            foreach (var line in step)
            {
                _ending.Token.ThrowIfCancellationRequested();
                if (_batches[id].Value.Status == BatchStatus.Cancelling)
                {
                    break;
                }

                await AnswerAsync(owner, line, answers, refusals);
            }

            Change(id, now => now with { RequestCounts = Counts(lines, answers, refusals) });
        }

        Finish(owner, id, answers, refusals);
    }

    // A line is on disk before it is owed for: after a restart the books are made from the lines.
    private async Task AnswerAsync(string owner, BatchLine line, JournalFile answers, JournalFile refusals)
    {
        var (status, body) = await _work.AnswerAsync(line);
        var isAnswered = status == StatusCodes.Status200OK;
        (isAnswered ? answers : refusals).Append(line.CustomId, line.Answered(status, body));
        await _work.EnterAsync(owner, line, isAnswered);
    }

    private async Task<HashSet<string>> BookedAsync(
        string owner, ImmutableArray<BatchLine> lines, JournalFile answers, JournalFile refusals)
    {
        foreach (var line in lines.Where(line => answers.Ids.Contains(line.CustomId) || refusals.Ids.Contains(line.CustomId)))
        {
            await _work.EnterAsync(owner, line, answers.Ids.Contains(line.CustomId));
        }

        return [.. answers.Ids, .. refusals.Ids];
    }

    private void Finish(string owner, string id, JournalFile answers, JournalFile refusals)
    {
        var output = answers.Ids.Count > 0 ? _files.Add(owner, $"{id}_output.jsonl", "batch_output", answers.CopyTo).Id : null;
        var error = refusals.Ids.Count > 0 ? _files.Add(owner, $"{id}_error.jsonl", "batch_output", refusals.CopyTo).Id : null;
        Change(id, now =>
        {
            var ended = now with { OutputFileId = output, ErrorFileId = error };
            return now.Status == BatchStatus.Cancelling
                ? ended with { Status = BatchStatus.Cancelled, CancelledAt = Now() }
                : ended with { Status = BatchStatus.Completed, CompletedAt = Now() };
        });
    }

    private Batch Change(string id, Func<Batch, Batch> change)
    {
        lock (_gate)
        {
            var now = _batches[id];
            var next = now with { Value = change(now.Value) };
            _folder.Write(id + End, next);
            _batches[id] = next;
            return next.Value;
        }
    }

    private JournalFile Journal(string name) => new(_folder[name]);

    private static RequestCounts Counts(ImmutableArray<BatchLine> lines, JournalFile answers, JournalFile refusals) =>
        new(lines.Length, answers.Ids.Count, refusals.Ids.Count);

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    // Lines of answers, of which the last may be torn by a kill: then it is not there.
    private sealed class JournalFile
    {
        private readonly string _path;

        public JournalFile(string path)
        {
            _path = path;
            if (!File.Exists(path))
            {
                return;
            }

            var text = File.ReadAllText(path);
            var whole = text.LastIndexOf('\n') + 1;
            if (whole < text.Length)
            {
                File.WriteAllText(path, text[..whole]);
            }

            foreach (var line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using var json = JsonDocument.Parse(line);
                Ids.Add(json.RootElement.GetProperty("custom_id").GetString()!);
            }
        }

        public HashSet<string> Ids { get; } = [];

        public void Append(string id, string line)
        {
            File.AppendAllText(_path, line + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            Ids.Add(id);
        }

        public void CopyTo(Stream stream)
        {
            using var file = File.OpenRead(_path);
            file.CopyTo(stream);
        }
    }
}
