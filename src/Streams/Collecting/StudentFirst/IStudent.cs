using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting.StudentFirst;

/// <summary>The student that is taught, as it answers by now. Any number of questions at once.</summary>
public interface IStudent
{
    /// <summary>An answer to a question, with the system message that it is taught with.</summary>
    /// <param name="request">What the teacher would be asked.</param>
    /// <param name="sample">
    /// Which answer: 0 for what it says by itself, the likeliest; others are sampled, each of its own.
    /// </param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Null where it can never answer this question, such as one that is longer than its context.</returns>
    /// <exception cref="Exception">It does not answer now; the message says why.</exception>
    Task<StudentAnswer?> AnswerAsync(TeacherRequest request, int sample, CancellationToken cancellationToken);
}

/// <summary>What a student answers.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Version">The version that gave it.</param>
public sealed record StudentAnswer(string Text, string Version);
