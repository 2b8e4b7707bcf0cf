namespace Orca.Streams.Collecting;

/// <summary>A query whose end is stored.</summary>
/// <param name="Query">The query and how it ended.</param>
/// <param name="Place">Its trace's place among the accepted ones of its stage; null where it has none.</param>
internal sealed record SettledQuery(JudgedQuery Query, long? Place);
