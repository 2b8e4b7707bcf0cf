using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>1 for an answer without a visible character, else 0.</summary>
public sealed class EmptyScreen : IScreen
{
    /// <inheritdoc/>
    public string Name => "empty";

    /// <inheritdoc/>
    public string Settings => "empty 2";

    /// <inheritdoc/>
    public double DefaultLimit => 0;

    /// <inheritdoc/>
    public bool IsRequired => true;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace) =>
        string.IsNullOrWhiteSpace(trace.Response) ? new Measurement(1, "The answer is empty.") : Measurement.None;
}
