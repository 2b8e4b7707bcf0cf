namespace Orca.Streams.Sieves;

/// <summary>Questions that a student will be examined on, so that they must not be taught: a file, or all files of a folder.</summary>
/// <param name="Name">What it is called in counts and messages.</param>
/// <param name="Path">File or folder.</param>
public sealed record EvaluationSet(string Name, string Path)
{
    /// <summary>A set as settings give it: a path, or <c>name=path</c>.</summary>
    public static EvaluationSet Of(string setting)
    {
        var sign = setting.IndexOf('=', StringComparison.Ordinal);
        return sign > 0 && setting.AsSpan(0, sign).IndexOfAny('/', '\\') < 0
            ? new EvaluationSet(setting[..sign], setting[(sign + 1)..])
            : new EvaluationSet(setting, setting);
    }
}
