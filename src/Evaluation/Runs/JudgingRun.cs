using System.Collections.Immutable;
using Orca.Evaluation.Judges;

namespace Orca.Evaluation.Runs;

/// <summary>
/// Asks a judge for every review that its file does not hold, many at once, and keeps each before anything is computed from it. Killed and
/// started again, it asks for no review twice that it has and leaves none out.
/// </summary>
/// <param name="requests">What the judge is asked, each once.</param>
/// <param name="judge">Who is asked; its exceptions end the run, and the reviews that there are stay.</param>
/// <param name="clock">Dates the reviews.</param>
public sealed class JudgingRun(ImmutableArray<ReviewRequest> requests, IJudge judge, TimeProvider clock)
{
    /// <summary>Asks for what is left.</summary>
    /// <param name="file">Where reviews are kept.</param>
    /// <param name="parallel">Reviews asked for at once, 1 or more.</param>
    /// <param name="progress">Hears after every review. Any thread, one at a time.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The judgements of these requests that there are, in their order.</returns>
    public async Task<ImmutableArray<Judgement>> RunAsync(
        JudgementFile file, int parallel, IProgress<JudgingProgress>? progress, CancellationToken cancellationToken)
    {
        var wanted = requests.Select(request => request.PlaceBy(judge.Name)).ToHashSet();
        var there = file.Done.Where(judgement => wanted.Contains(judgement.Place)).DistinctBy(judgement => judgement.Place)
            .ToDictionary(judgement => judgement.Place);
        var left = requests.Where(request => !there.ContainsKey(request.PlaceBy(judge.Name))).ToList();
        var gate = new Lock();
        var paced = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(left, paced, async (request, token) =>
        {
            if (await judge.ReviewAsync(request, token) is not { } review)
            {
                return;
            }

            var judgement = Judgement.Of(request, judge.Name, review, clock.GetUtcNow());
            file.Add(judgement);
            lock (gate)
            {
                there[judgement.Place] = judgement;
                progress?.Report(new JudgingProgress(
                    there.Count, requests.Length, there.Values.Count(one => !one.IsParsed), there.Values.Sum(one => one.Cost)));
            }
        });
        return [.. requests.Select(request => there.GetValueOrDefault(request.PlaceBy(judge.Name))).OfType<Judgement>()];
    }
}
