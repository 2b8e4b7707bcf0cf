using System.Text.Json;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>
/// A file of JSON Lines to which records are appended, each in one write when it is there. A kill cuts at most the last line, which counts
/// for nothing and is taken off by the next start. Another process can read it meanwhile, and not write to it.
/// </summary>
/// <typeparam name="T">A record.</typeparam>
internal sealed class AppendedRecords<T> : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream owned;
    private readonly FileStream file;
    private readonly List<T> done = [];

    /// <summary>Opens the file, or makes it; takes a cut line off its end.</summary>
    /// <exception cref="EvaluationException">A line is no record.</exception>
    /// <exception cref="IOException">It cannot be written, or another process writes to it.</exception>
    public AppendedRecords(string path)
    {
        // Beside the file, where it hinders no reader; the system frees it however the process ends.
        owned = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        file = Opened(path, owned);
        try
        {
            var end = 0L;
            foreach (var (record, ends) in Lines(file))
            {
                done.Add(record);
                end = ends;
            }

            if (done.Count == 0 && file.Length > 0 && !IsCutRecord)
            {
                throw new EvaluationException($"'{path}' holds something else than records; give another folder, or move it away.");
            }

            file.SetLength(end);
            file.Seek(0, SeekOrigin.End);
        }
        catch
        {
            file.Dispose();
            owned.Dispose();
            throw;
        }
    }

    /// <summary>The records that were there when it was opened.</summary>
    public IReadOnlyList<T> Done => done;

    /// <summary>The records of a file, also while another process writes to it.</summary>
    /// <exception cref="EvaluationException">A line is no record.</exception>
    public static IReadOnlyList<T> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. Lines(file).Select(line => line.Record)];
    }

    /// <summary>Appends a record. Any thread.</summary>
    public void Add(T record)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(record, EvaluationFolder.Form);
        lock (gate)
        {
            // One write a record, so that a kill cuts at most one.
            file.Write([.. line, (byte)'\n']);
            file.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Flush(flushToDisk: true);
        file.Dispose();
        owned.Dispose();
    }

    // How every record begins in JSON.
    private static ReadOnlySpan<byte> RecordBegin => "{\"suite\":"u8;

    // What a kill leaves of a first record begins as one.
    private bool IsCutRecord
    {
        get
        {
            var begin = new byte[RecordBegin.Length];
            file.Seek(0, SeekOrigin.Begin);
            var read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
            return RecordBegin.StartsWith(begin.AsSpan(0, read));
        }
    }

    private static FileStream Opened(string path, FileStream owned)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    private static IEnumerable<(T Record, long Ends)> Lines(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var start = 0;
        for (var number = 1; Array.IndexOf(bytes, (byte)'\n', start) is >= 0 and var end; number++)
        {
            yield return (Record(bytes.AsSpan(start, end - start), file.Name, number), end + 1);
            start = end + 1;
        }
    }

    private static T Record(ReadOnlySpan<byte> line, string name, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, EvaluationFolder.Form) ?? throw new JsonException("it is empty.");
        }
        catch (JsonException failure)
        {
            throw new EvaluationException($"Line {number} of '{name}' is no record: {failure.Message} Move the file away.", failure);
        }
    }
}
