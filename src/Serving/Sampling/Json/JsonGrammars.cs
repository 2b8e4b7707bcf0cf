namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Reads schemas, and keeps the grammars of those that were asked for last: callers send the same ones again and again. Safe to use
/// from several threads.
/// </summary>
internal static class JsonGrammars
{
    /// <summary>Bytes of all that are kept at most, with their schemas.</summary>
    public const long MostBytes = 16 << 20;

    // A node of the list, an entry of the table, the schema's own header.
    private const int EntryBytes = 160;

    private static readonly Lock Gate = new();
    private static readonly LeastRecentlyUsed<string, JsonGrammar> Kept = new(StringComparer.Ordinal);

    /// <summary>The grammar of a schema.</summary>
    /// <exception cref="JsonSchemaException">Answers cannot be held to it.</exception>
    public static JsonGrammar Of(string schema)
    {
        lock (Gate)
        {
            if (Kept.TryUse(schema, out var known))
            {
                return known!;
            }
        }

        var grammar = JsonSchemaReader.Read(schema);
        lock (Gate)
        {
            Kept.Add(schema, grammar, grammar.Bytes + (sizeof(char) * (long)schema.Length) + EntryBytes);
            while (Kept.Weight > MostBytes)
            {
                Kept.RemoveOldest();
            }

            // Of two callers at once the one that came first is kept by both, so that their answers share masks.
            return Kept.TryUse(schema, out var first) ? first! : grammar;
        }
    }
}
