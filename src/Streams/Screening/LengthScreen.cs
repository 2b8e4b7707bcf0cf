using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Characters of an answer.</summary>
/// <remarks>Whether a lesson fits the student's sequence is another question: see <c>LessonMaker</c>.</remarks>
public sealed class LengthScreen : IScreen
{
    /// <summary>About 4,000 tokens of English.</summary>
    public const int DefaultMaxCharacters = 16_000;

    /// <inheritdoc/>
    public string Name => "length";

    /// <inheritdoc/>
    public string Settings => "length 2";

    /// <inheritdoc/>
    public double DefaultLimit => DefaultMaxCharacters;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace) => new(trace.Response.Length);
}
