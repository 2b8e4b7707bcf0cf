using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

/// <summary>A stream of questions. Reading twice gives the same questions in the same order.</summary>
public interface ITaskSource
{
    /// <summary>Name as given in the settings, for logs and messages.</summary>
    string Name { get; }

    /// <summary>The collection that the mixture weighs this source by.</summary>
    string Collection => Name;

    /// <summary>Names of its tasks; null where nobody knows them beforehand.</summary>
    ImmutableArray<string>? TaskNames => null;

    /// <summary>Questions that it has; null for one without end, or where nobody knows.</summary>
    long? Questions => null;

    /// <summary>
    /// Tells its questions and their order apart from others of the same name: once it is another, a position in them means nothing. Null
    /// where they depend on the name and the seed alone.
    /// </summary>
    string? Fingerprint => null;

    /// <summary>
    /// The questions in order; endless for generated tasks. In the place of one that can be read no more stands null, and why is reported
    /// to <paramref name="faults"/>: positions stay what they are.
    /// </summary>
    /// <param name="skip">Number of questions at the start that the caller has already had.</param>
    IAsyncEnumerable<TaskQuery?> ReadAsync(long skip, IProgress<SourceFault> faults, CancellationToken cancellationToken);
}

/// <summary>A record that could not be read.</summary>
/// <param name="File">The file it lies in.</param>
/// <param name="Line">Its line, from 1; 0 for the whole file.</param>
/// <param name="Message">What was found and what was expected, one sentence.</param>
public sealed record SourceFault(string File, long Line, string Message);
