namespace Orca.Streams.Tasks;

/// <summary>What became of a source's records.</summary>
/// <param name="Questions">Those that may be drawn.</param>
/// <param name="Faulty">Those that cannot be read.</param>
/// <param name="FewShot">Those with worked examples before the question, where these are left out.</param>
/// <param name="Excluded">Those of tasks that are left out.</param>
/// <param name="Twins">Those without an answer, of which another asks the same and has one.</param>
public sealed record SourceCounts(long Questions, long Faulty, long FewShot, long Excluded, long Twins);
