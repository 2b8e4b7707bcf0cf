using System.Collections.Immutable;

namespace Orca.Serving.Security;

/// <summary>The keys that open a server.</summary>
internal sealed class KeyRing(ImmutableArray<AccessKey> keys)
{
    /// <summary>How many.</summary>
    public int Count => keys.Length;

    /// <summary>Whose key a text is; null where it is none. Every key is compared, whichever fits.</summary>
    public AccessKey? Find(string text)
    {
        var hash = AccessKey.HashOf(text);
        AccessKey? found = null;
        foreach (var key in keys)
        {
            found = key.Opens(hash.AsSpan()) ? key : found;
        }

        return found;
    }
}
