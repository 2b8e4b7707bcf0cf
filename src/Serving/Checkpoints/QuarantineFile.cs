using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orca.Model.Checkpoints;
using Orca.Serving.Hosting;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Content that was refused or rolled back, in a file beside the checkpoints. The file is the truth: whoever deletes it, or an
/// entry, takes that out of quarantine. Several servers may share it: changes are made under a lock, each replaces the file as a
/// whole. A file that cannot be read or is malformed is never written over; what was read last counts meanwhile.
/// </summary>
internal sealed class QuarantineFile(string folder, ILogger logger)
{
    /// <summary>Its name.</summary>
    public const string Name = "quarantine.json";

    // Another server holds the lock for as long as it takes to write a few kilobytes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private ImmutableArray<QuarantineEntry> lastRead = [];
    private string? fault;

    /// <summary>Its path.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, Name);

    /// <summary>Whether a file of this name beside the checkpoints is part of it.</summary>
    public static bool Owns(string name) => name.StartsWith(Name, StringComparison.Ordinal);

    /// <summary>Makes sure that it can be read, or is not there yet.</summary>
    /// <exception cref="ServingException">It is unusable.</exception>
    public void Check()
    {
        try
        {
            lastRead = ReadNow();
        }
        catch (Exception unusable) when (IsUnusable(unusable))
        {
            throw new ServingException(
                $"'{Path}' says which checkpoints must not be served and cannot be used ({ReasonOf(unusable)}); mend it, or delete it to "
                    + "serve them after all.",
                unusable);
        }
    }

    /// <summary>What is in it, oldest first; what was in it last where it is unusable, which is told once.</summary>
    public ImmutableArray<QuarantineEntry> Read()
    {
        TryRead(out var entries);
        return entries;
    }

    /// <summary>Replaces what is in it as a whole; false where it cannot be read or written, which is told.</summary>
    public bool TryChange(Func<ImmutableArray<QuarantineEntry>, ImmutableArray<QuarantineEntry>> change)
    {
        try
        {
            using var held = Lock();
            if (!TryRead(out var before))
            {
                return false;
            }

            var after = change(before);
            if (!after.SequenceEqual(before))
            {
                Durable.Replace(Path, JsonSerializer.Serialize(after.AsEnumerable(), Json) + "\n");
                lastRead = after;
            }

            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            LoaderLog.QuarantineUnwritable(logger, Path, ReasonOf(unwritable));
            return false;
        }
    }

    private static bool IsUnusable(Exception fault) => fault is JsonException or IOException or UnauthorizedAccessException;

    private static string ReasonOf(Exception fault) => fault.Message.ReplaceLineEndings(" ").TrimEnd('.');

    private bool TryRead(out ImmutableArray<QuarantineEntry> entries)
    {
        try
        {
            entries = lastRead = ReadNow();
            fault = null;
            return true;
        }
        catch (Exception unusable) when (IsUnusable(unusable))
        {
            entries = lastRead;
            if (unusable.Message != fault)
            {
                fault = unusable.Message;
                LoaderLog.QuarantineUnreadable(logger, Path, ReasonOf(unusable));
            }

            return false;
        }
    }

    private ImmutableArray<QuarantineEntry> ReadNow()
    {
        try
        {
            var entries = JsonSerializer.Deserialize<QuarantineEntry?[]>(File.ReadAllBytes(Path), Json)
                ?? throw new JsonException("It is null.");
            return [.. entries.Select(entry => entry ?? throw new JsonException("An entry is null."))];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (DirectoryNotFoundException)
        {
            // Nor are there checkpoints yet.
            return [];
        }
    }

    /// <summary>
    /// Held by one process at a time. A file, since on a network volume folders cannot be locked; and one that stays, since one that
    /// is deleted when it is let go could be held twice.
    /// </summary>
    private FileStream Lock()
    {
        var path = Path + ".lock";
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return Hold(path);
            }
            catch (IOException taken) when (taken is not (DirectoryNotFoundException or FileNotFoundException) && Environment.TickCount64 < end && File.Exists(path))
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException)
        {
            // Made by another user's server; reading is enough to hold it, but on network volumes.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        }
    }
}

/// <summary>Content that must not be loaded again.</summary>
/// <param name="Digest">SHA-256 in hex over the digests of its files.</param>
/// <param name="Reason">Why.</param>
/// <param name="Time">Since when.</param>
internal sealed record QuarantineEntry(string Digest, string Reason, DateTimeOffset Time);
