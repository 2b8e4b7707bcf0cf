using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Rejects answers without a letter or digit or other visible character.</summary>
public sealed class EmptyScreen : IScreen
{
    /// <inheritdoc/>
    public string Name => "empty";

    /// <inheritdoc/>
    public string Settings => "empty 1";

    /// <inheritdoc/>
    public ScreenVerdict Judge(Trace trace) => string.IsNullOrWhiteSpace(trace.Response)
        ? ScreenVerdict.Reject(Name, "The answer is empty.")
        : ScreenVerdict.Pass(Name);
}
