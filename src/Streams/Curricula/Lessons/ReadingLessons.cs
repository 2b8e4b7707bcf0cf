using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// Which lessons of the stage before practice have the answer in the question besides, so that a student that has never seen one there
/// learns to read it: a share of them, at random, by their ids alone.
/// </summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Share">The share, 0 to 1.</param>
/// <param name="Seed">Another seed gives others.</param>
public sealed record ReadingLessons(string Stage, double Share, long Seed = 0)
{
    // Not those that other shares are drawn by.
    private const long Drawn = 0x72656164;

    /// <summary>Whether a request's lesson is one of them.</summary>
    public bool Contains(TeacherRequest request) =>
        request.Stage == Stage && SeededRandom.Of(Seed, Drawn, request.Number).NextDouble() < Share;
}
