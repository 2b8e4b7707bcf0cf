using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Cli.Bench.Streams;

/// <summary>
/// A teacher in this process that takes a given time for an answer, of so many requests at once; every twentieth answer is wrong.
/// </summary>
internal sealed class SyntheticTeacher(int bytesPerTrace, TimeSpan latency, int concurrency, TimeProvider time) : ITeacher, IDisposable
{
    private readonly SyntheticText _answers = new(bytesPerTrace - (bytesPerTrace / 3));
    private readonly SemaphoreSlim _places = new(concurrency);
    private int _inFlight;

    /// <inheritdoc/>
    public string Name => "synthetic";

    /// <summary>Requests that it has not answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Most requests that it had at once.</summary>
    public int MostInFlight { get; private set; }

    /// <inheritdoc/>
    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref _inFlight));
        try
        {
            if (latency > TimeSpan.Zero)
            {
                await Task.Delay(latency, time, cancellationToken);
            }

            return Answer(request);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private Trace Answer(TeacherRequest request)
    {
        var gold = request.Query.GoldAnswers[0];
        var number = request.Query.Prompt.AsSpan(9, request.Query.Prompt.IndexOf(':') - 9);
        var end = $"\nThe answer is {(gold[^1] == '7' && gold.Length % 2 == 0 ? "none" : gold)}.";
        var text = _answers.At(int.Parse(number, CultureInfo.InvariantCulture) + 1, "", end);
        return new Trace
        {
            Request = request,
            Response = text,
            Finish = TeacherFinish.Stop,
            Teacher = Name,
            PromptTokens = request.Query.Prompt.Length / 4,
            CompletionTokens = text.Length / 4,
            Cost = 0.000_1m,
            Latency = latency,
        };
    }
}
