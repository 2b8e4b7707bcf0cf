using System.Collections.Immutable;

namespace Orca.Cli.Teacher;

/// <summary>Tells who calls, by the key shown.</summary>
/// <param name="keys">The keys; none for everybody without one.</param>
internal sealed class Callers(ImmutableArray<TeacherKey> keys)
{
    private static readonly TeacherKey Everybody = new() { Name = "", Key = "" };

    /// <summary>Whose key a request shows, as bearer or as <c>api-key</c>; null where it is none.</summary>
    public TeacherKey? Find(HttpRequest request)
    {
        if (keys.IsEmpty)
        {
            return Everybody;
        }

        var shown = request.Headers.Authorization.ToString() is ['B' or 'b', 'e', 'a', 'r', 'e', 'r', ' ', .. var bearer]
            ? bearer.Trim()
            : request.Headers["api-key"].ToString();
        return keys.FirstOrDefault(key => key.Key == shown);
    }
}
