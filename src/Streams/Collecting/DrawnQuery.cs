using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>A query on its way, holding one credit.</summary>
/// <param name="Sequence">Its number among those drawn in this stage and run, from 0.</param>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Request">What the teacher is asked.</param>
/// <param name="After">Where collecting stands after it; null where it does not move.</param>
/// <param name="Stored">What the store knew of it: an answer that was not judged, or a question that was not answered.</param>
internal sealed record DrawnQuery(long Sequence, int Stage, TeacherRequest Request, CollectorPosition? After, StoredRequest? Stored);
