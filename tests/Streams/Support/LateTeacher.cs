using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Support;

/// <summary>A teacher that is made when it is first asked, as one that needs the store of its own run.</summary>
internal sealed class LateTeacher(Func<ITeacher> make) : ITeacher
{
    private readonly Lock gate = new();
    private ITeacher? made;

    public string Name => "late";

    /// <summary>What it was told to hold to, in order.</summary>
    public List<TeacherTuning> Tunings { get; } = [];

    public void Tune(TeacherTuning tuning)
    {
        lock (gate)
        {
            Tunings.Add(tuning);
            made?.Tune(tuning);
        }
    }

    public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (made is null)
            {
                made = make();
                Tunings.ForEach(made.Tune);
            }
        }

        return made.AskAsync(request, cancellationToken);
    }
}
