namespace Orca.Streams.Sieves;

/// <summary>The text most similar to another of those that came before it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Similarity">The Jaccard similarity of their runs of words, 0 to 1: estimated, with a standard deviation of 0.03 at most
/// near 0.8; 1 where they are the same letters and digits.</param>
public readonly record struct DuplicateMatch(ulong Key, double Similarity);
